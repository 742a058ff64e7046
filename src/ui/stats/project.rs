//! The four services of a project side by side, their sums, and what their host has.

use super::{CHART_MIN, LEFT, draw_findings};
use crate::{
    app::{
        Model,
        known::Row,
        stats::{self, Gauge},
        text,
    },
    domain::ServiceKind,
    ui::{canvas::Canvas, gauge, theme::Role},
};
use ratatui::{layout::Rect, style::Style};

/// Columns of a service's name.
const NAME: u16 = 10;
/// Columns of a value and of its limit, by resource.
const WIDTHS: [(Gauge, usize, usize); 5] = [
    (Gauge::Cpu, 7, 7),
    (Gauge::Memory, 10, 10),
    (Gauge::Pids, 10, 0),
    (Gauge::Network, 10, 0),
    (Gauge::Disk, 8, 0),
];
/// Resources that have a chart.
const CHARTS: usize = 2;

/// How much of a row there is room for.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// How many of [`WIDTHS`].
    gauges: usize,
    /// Columns of each chart; 0 is none.
    chart: u16,
}

impl Layout {
    /// The charts are worth more than network and disk, and those more than wide charts.
    fn new(width: u16) -> Self {
        let room = |gauges: usize| {
            let taken: usize = WIDTHS.iter().take(gauges).map(|(_, a, b)| a + b).sum();
            let taken = LEFT + NAME + u16::try_from(taken).unwrap_or(u16::MAX);
            width.saturating_sub(taken + 1)
        };
        let each = |gauges: usize| (room(gauges) / 2).saturating_sub(1);
        for gauges in [5, 3] {
            if each(gauges) >= CHART_MIN {
                let chart = each(gauges).min(60);
                return Self { gauges, chart };
            }
        }
        let gauges = if room(3) > 0 { 3 } else { 2 };
        Self { gauges, chart: 0 }
    }
}

pub(super) fn draw(model: &Model, row: &Row, canvas: &mut Canvas<'_>, area: Rect) {
    let layout = Layout::new(area.width);
    draw_heads(canvas, area, layout);
    for (y, kind) in (1..area.height).zip(ServiceKind::ALL) {
        draw_service(row, kind, canvas, area, y, layout);
    }
    draw_sums(row, canvas, area, 5, layout);
    let findings = ServiceKind::ALL.into_iter().flat_map(|kind| {
        let all = stats::findings(row, kind).into_iter();
        all.map(move |words| format!("{kind}: {words}"))
    });
    let findings: Vec<String> = findings.collect();
    let mut y = draw_findings(canvas, area, 7, &findings);
    let room = usize::from(area.width.saturating_sub(LEFT + 1));
    for line in stats::host_words(&model.known) {
        for line in text::wrap(&line, room) {
            canvas.put(area, LEFT, y, &line, canvas.style(Role::Dim));
            y += 1;
        }
    }
}

fn draw_heads(canvas: &mut Canvas<'_>, area: Rect, layout: Layout) {
    let style = canvas.style(Role::Faint);
    let mut x = LEFT + NAME;
    for (n, (gauge, value, limit)) in WIDTHS.iter().enumerate().take(layout.gauges) {
        let (title, of) = (gauge.title(), if *limit > 0 { "limit" } else { "" });
        let text = format!("{title:>value$}{of:>limit$}");
        x = canvas.put(area, x, 0, &text, style) + after(n, layout);
    }
}

/// Columns behind a resource: its chart with a blank.
const fn after(n: usize, layout: Layout) -> u16 {
    match layout.chart {
        chart if n < CHARTS && chart > 0 => chart + 1,
        _ => 0,
    }
}

fn draw_service(
    row: &Row,
    kind: ServiceKind,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    layout: Layout,
) {
    let name = text::cut(kind.as_str(), usize::from(NAME));
    canvas.put(area, LEFT, y, &name, canvas.look.theme.service(kind));
    let mut x = LEFT + NAME;
    for (n, (gauge, value, limit)) in WIDTHS.iter().enumerate().take(layout.gauges) {
        let (now, most) = (gauge.now(row.usage[kind]), gauge.limit(row, kind));
        let style = canvas.style(Role::Text);
        x = put(canvas, area, (x, y), (*gauge, now, *value), style);
        if *limit > 0 {
            let style = canvas.style(Role::Dim);
            x = put(canvas, area, (x, y), (*gauge, most, *limit), style);
        }
        if after(n, layout) > 0 {
            draw_chart(row, kind, *gauge, canvas, area, (x + 1, y), layout.chart);
            x += after(n, layout);
        }
    }
}

/// A value at the right end of its column; gives the column after it.
fn put(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (x, y): (u16, u16),
    (gauge, value, wide): (Gauge, Option<u64>, usize),
    style: Style,
) -> u16 {
    let none = canvas.look.glyphs.none();
    let text = value.map_or_else(|| none.to_owned(), |value| gauge.words(value));
    canvas.put(area, x, y, &format!("{text:>wide$}"), style)
}

fn draw_chart(
    row: &Row,
    kind: ServiceKind,
    gauge: Gauge,
    canvas: &mut Canvas<'_>,
    area: Rect,
    (x, y): (u16, u16),
    wide: u16,
) {
    let chart = Rect {
        x: area.x + x,
        width: wide.saturating_sub(1),
        ..area
    };
    let points = row.used[kind].last(usize::from(chart.width));
    let values = points.map(|point| gauge.of(point));
    let top = gauge.peak(row, kind).unwrap_or_default();
    gauge::chart(canvas, chart, (y, 1), values, top, Role::Accent);
}

/// All four together.
fn draw_sums(row: &Row, canvas: &mut Canvas<'_>, area: Rect, y: u16, layout: Layout) {
    canvas.put(area, LEFT, y, "together", canvas.style(Role::Dim));
    let sum = |each: &dyn Fn(ServiceKind) -> Option<u64>| {
        let all = ServiceKind::ALL.into_iter().filter_map(each);
        all.reduce(u64::saturating_add)
    };
    let mut x = LEFT + NAME;
    for (n, (gauge, value, limit)) in WIDTHS.iter().enumerate().take(layout.gauges) {
        let now = sum(&|kind| gauge.now(row.usage[kind]));
        let most = sum(&|kind| gauge.limit(row, kind));
        let style = canvas.style(Role::Text);
        x = put(canvas, area, (x, y), (*gauge, now, *value), style);
        if *limit > 0 {
            x = put(canvas, area, (x, y), (*gauge, most, *limit), style);
        }
        x += after(n, layout);
    }
}
