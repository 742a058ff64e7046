//! The limits editor: what is in force, used and allowed, what it becomes, and what that means.

use super::{field::draw_text_field, many};
use crate::{
    app::{
        Action, Model,
        detail::failure_text,
        fleet::Verdict,
        keymap::Mode,
        limits::{Item, ItemState, Limit, LimitsEditor, words},
        text,
    },
    domain::{Limits, Usage, limits::Risk},
    ui::{canvas::Canvas, theme::Role},
};
use ratatui::layout::Rect;

/// Columns of a field with its brackets.
const FIELD: u16 = 12;

/// Rows of sentences above the list of many services.
const SENTENCES_OF_MANY: u16 = 3;

/// Where the columns begin; what there is no room for is left out.
#[derive(Debug, Clone, Copy)]
struct Columns {
    label: u16,
    now: u16,
    used: u16,
    peak: Option<u16>,
    new: u16,
    default: Option<u16>,
    /// What the hub file says, where that is something else.
    hub: Option<u16>,
    /// What is to be said of a field.
    notes: u16,
}

impl Columns {
    fn new(width: u16, has_drifted: bool) -> Self {
        let mut columns = Self {
            label: 3,
            now: 11,
            used: 21,
            peak: Some(31),
            new: 41,
            default: Some(55),
            hub: None,
            notes: 66,
        };
        if width >= 77 && has_drifted {
            columns.hub = Some(65);
            columns.notes = 76;
        } else if width < 50 {
            (columns.label, columns.now, columns.used) = (1, 8, 18);
            (columns.peak, columns.new, columns.default) = (None, 27, None);
        } else if width < 68 {
            (columns.label, columns.now, columns.used) = (1, 8, 18);
            (columns.peak, columns.new, columns.default) = (Some(28), 37, Some(50));
        }
        columns
    }
}

/// A sentence below the fields.
struct Sentence {
    text: String,
    role: Role,
    /// The lowest ones stay where there is no room for all.
    rank: u8,
}

pub(super) fn draw(model: &Model, editor: &LimitsEditor, canvas: &mut Canvas<'_>, area: Rect) {
    let drifted = editor.services.iter().find_map(|id| {
        let row = model.known.rows.get(&id.project)?;
        row.drift(id.kind)
    });
    let columns = Columns::new(area.width, drifted.is_some() && !editor.is_many());
    draw_heads(editor, &columns, canvas, area);
    let mut y = 1;
    let notes = notes(model, editor);
    let now = model.limits_in_force();
    let hub = drifted.map(|(_, wished)| wished);
    for (n, note) in notes.iter().enumerate() {
        draw_row(model, editor, &columns, canvas, area, (n, y), (&now, hub));
        let is_bad = note.as_ref().is_some_and(|(_, role)| *role == Role::Bad);
        draw_field(model, editor, (n, y), is_bad, &now, &columns, canvas, area);
        y = draw_note(&columns, canvas, area, y, note.as_ref());
    }
    let sentences = sentences(model, editor);
    if editor.is_many() {
        y = draw_sentences(sentences, canvas, area, y, SENTENCES_OF_MANY);
        many::draw(model, canvas, area, y);
    } else {
        y += u16::from(y + 4 < area.height);
        let room = area.height.saturating_sub(y);
        draw_sentences(sentences, canvas, area, y, room);
    }
}

fn draw_heads(editor: &LimitsEditor, columns: &Columns, canvas: &mut Canvas<'_>, area: Rect) {
    let style = canvas.style(Role::Faint);
    let used = if editor.is_many() { "most" } else { "in use" };
    let heads = [
        ("now", Some(columns.now)),
        (used, Some(columns.used)),
        ("peak", columns.peak),
        ("new", Some(columns.new)),
        ("default", columns.default),
        ("hub file", columns.hub),
    ];
    for (head, x) in heads {
        if let Some(x) = x {
            canvas.put(area, x, 0, head, style);
        }
    }
}

/// What is known of one limit: all but the field.
fn draw_row(
    model: &Model,
    editor: &LimitsEditor,
    columns: &Columns,
    canvas: &mut Canvas<'_>,
    area: Rect,
    (n, y): (usize, u16),
    (now, hub): (&[Limits], Option<Limits>),
) {
    let Some(limit) = Limit::ALL.get(n).copied() else {
        return;
    };
    let none = || canvas.look.glyphs.none().to_owned();
    let usage = highest(model, editor);
    let defaults: Vec<Limits> = editor
        .services
        .iter()
        .map(|id| Limits::default_of(id.kind))
        .collect();
    let now = same(limit, now);
    let differs = hub.map(|hub| limit.shown(hub)).filter(|hub| *hub != now);
    let cells = [
        (Some(columns.label), limit.word().to_owned(), Role::Text),
        (Some(columns.now), now, Role::Text),
        (
            Some(columns.used),
            limit.used(usage).unwrap_or_else(none),
            Role::Dim,
        ),
        (
            columns.peak,
            limit.peak(usage).unwrap_or_else(none),
            Role::Dim,
        ),
        (columns.default, same(limit, &defaults), Role::Faint),
        (columns.hub, differs.unwrap_or_default(), Role::Warn),
    ];
    for (x, text, role) in cells {
        if let Some(x) = x {
            canvas.put(area, x, y, &text, canvas.style(role));
        }
    }
}

/// A value that is the same everywhere, else a word for that it is not.
fn same(limit: Limit, all: &[Limits]) -> String {
    let mut texts = all.iter().map(|limits| limit.shown(*limits));
    let first = texts.next().unwrap_or_default();
    if texts.all(|text| text == first) {
        first
    } else {
        "mixed".to_owned()
    }
}

/// What the services use; of many the most of each.
fn highest(model: &Model, editor: &LimitsEditor) -> Option<Usage> {
    let usages = editor.services.iter().filter_map(|id| {
        let row = model.known.rows.get(&id.project)?;
        row.usage[id.kind]
    });
    usages.reduce(|a, b| Usage {
        cpus: a.cpus.max(b.cpus),
        memory: a.memory.max(b.memory),
        peak: a.peak.max(b.peak),
        most: a.most.max(b.most),
        pids: a.pids.max(b.pids),
        ..a
    })
}

#[allow(clippy::too_many_arguments)] // a field, its place, and how it stands
fn draw_field(
    model: &Model,
    editor: &LimitsEditor,
    (n, y): (usize, u16),
    is_bad: bool,
    now: &[Limits],
    columns: &Columns,
    canvas: &mut Canvas<'_>,
    area: Rect,
) {
    let focused = model.mode() == Mode::Limits && editor.focused() == n;
    let Some(field) = editor.fields.get(n).filter(|_| y < area.height) else {
        return;
    };
    let x = columns.new;
    let bracket = canvas.style(if focused { Role::Accent } else { Role::Rule });
    canvas.put(area, x, y, "[", bracket);
    canvas.put(area, x + FIELD - 1, y, "]", bracket);
    let role = if is_bad { Role::Bad } else { Role::Text };
    let place = Rect::new(area.x + x + 1, area.y + y, FIELD - 2, 1);
    draw_text_field(canvas, field, place, canvas.style(role), focused);
    if field.text().is_empty() {
        let word = text::cut(editor.placeholder(n, now), usize::from(FIELD - 3));
        canvas.put(area, x + 2, y, &word, canvas.style(Role::Faint));
    }
}

/// What is to be said of each field: what is wrong with it, else what it risks.
fn notes(model: &Model, editor: &LimitsEditor) -> [Option<(String, Role)>; 3] {
    let errors = editor.errors(model.known.capacity());
    let risks = model.limits_risks();
    let mut notes = errors.into_iter().zip(risks).map(|(error, risk)| {
        let risk = risk.map(|Risk { text, is_grave }| {
            let role = if is_grave { Role::Critical } else { Role::Warn };
            (text, role)
        });
        error.map(|error| (error, Role::Bad)).or(risk)
    });
    std::array::from_fn(|_| notes.next().flatten())
}

/// Beside the field where there is room, else below it. Gives the next row.
fn draw_note(
    columns: &Columns,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    note: Option<&(String, Role)>,
) -> u16 {
    let Some((note, role)) = note else {
        return y + 1;
    };
    let sign = match role {
        Role::Bad => None,
        Role::Critical => Some(canvas.look.glyphs.verdict(Verdict::Down)),
        _ => Some(canvas.look.glyphs.verdict(Verdict::Slow)),
    };
    let note = sign.map_or_else(|| note.clone(), |sign| format!("{sign} {note}"));
    let style = canvas.style(if *role == Role::Critical {
        Role::Bad
    } else {
        *role
    });
    let room = usize::from(area.width.saturating_sub(columns.notes + 1));
    if text::columns(&note) <= room {
        canvas.put(area, columns.notes, y, &note, style);
        return y + 1;
    }
    let note = text::cut(&note, usize::from(area.width.saturating_sub(4)));
    canvas.put(area, 3, y + 1, &note, style);
    y + 2
}

/// What stands below the fields, from top to bottom.
fn sentences(model: &Model, editor: &LimitsEditor) -> Vec<Sentence> {
    let say = |rank, role, text: String| Sentence { text, role, rank };
    let key = |action| model.keys.hint(Mode::Limits, action).unwrap_or_default();
    let mut all = Vec::new();
    all.extend(drift(model, editor).map(|text| say(1, Role::Warn, text)));
    let (before, after) = model.promises();
    let (text, is_over) = words::promise(before, after, model.known.capacity());
    all.push(match is_over {
        true => say(2, Role::Warn, format!("▲ Over the host: {text}.")),
        false => say(2, Role::Dim, format!("All projects: {text}.")),
    });
    if let Some(undo) = model.undo_words() {
        let (apply, back) = (key(Action::Apply), key(Action::Undo));
        let is_last = model.past.count(&editor.services) <= editor.back;
        let text = match is_last {
            true => format!("{undo} {apply} does it."),
            false => format!("{undo} {apply} does it, {back} goes further back."),
        };
        all.push(say(0, Role::Accent, text));
    } else if let [id] = editor.services.as_slice() {
        let outcome = model.changes.of(id).and_then(outcome);
        all.extend(outcome.map(|(text, role)| say(0, role, text)));
    }
    // The rows of many services are worth more.
    if !editor.is_many() {
        let key = model.keys.hint(Mode::List, Action::ShowLimits);
        all.push(match model.is_editing_limits() {
            true => say(
                3,
                Role::Faint,
                "Applied live, without a restart.".to_owned(),
            ),
            false => say(
                3,
                Role::Faint,
                format!("{} edits these values.", key.unwrap_or_default()),
            ),
        });
    }
    all
}

/// Somebody else changed limits: which, and what can be done about it.
fn drift(model: &Model, editor: &LimitsEditor) -> Option<String> {
    let key = |action| model.keys.hint(Mode::Limits, action).unwrap_or_default();
    let (reapply, keep) = (key(Action::ReapplyLimits), key(Action::KeepLimits));
    let has_drifted = |id: &&crate::domain::ServiceId| {
        let row = model.known.rows.get(&id.project);
        row.is_some_and(|row| row.drift(id.kind).is_some())
    };
    let drifted: Vec<_> = editor.services.iter().filter(has_drifted).collect();
    let what = match (drifted.as_slice(), editor.is_many()) {
        ([], _) => return None,
        ([id], false) => {
            let words = model.drift_words(id).unwrap_or_default();
            format!("Changed by somebody else; {words}")
        }
        (ids, _) => format!(
            "{} of {} are not as the hub file says",
            ids.len(),
            editor.services.len()
        ),
    };
    Some(format!(
        "≠ {what}: {reapply} applies that, {keep} keeps what runs."
    ))
}

/// What became of the last change.
fn outcome(item: &Item) -> Option<(String, Role)> {
    Some(match &item.state {
        ItemState::Waiting | ItemState::Sent => ("Applying …".to_owned(), Role::Wait),
        ItemState::Done(text) if text.is_empty() => ("Applied.".to_owned(), Role::Good),
        ItemState::Done(text) => (text.clone(), Role::Good),
        ItemState::Failed(failure) => {
            let text = failure_text(failure);
            let text = format!("Not applied, the old values stand: {text}");
            (text, Role::Bad)
        }
        ItemState::Cancelled => return None,
    })
}

/// As many as fit into `room` rows; the most important ones stay. Gives the next row.
fn draw_sentences(
    sentences: Vec<Sentence>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    room: u16,
) -> u16 {
    let width = usize::from(area.width.saturating_sub(5));
    let mut wrapped: Vec<(u8, Role, Vec<String>)> = sentences
        .into_iter()
        .map(|s| (s.rank, s.role, text::wrap(&s.text, width)))
        .collect();
    for lines in &mut wrapped {
        lines.2.truncate(3);
    }
    let rows = |all: &[(u8, Role, Vec<String>)]| all.iter().map(|s| s.2.len()).sum::<usize>();
    while rows(&wrapped) > usize::from(room) {
        let least = wrapped.iter().enumerate().max_by_key(|(_, s)| s.0);
        let Some((at, _)) = least else { break };
        wrapped.remove(at);
    }
    let lines = wrapped
        .iter()
        .flat_map(|(_, role, lines)| lines.iter().map(move |l| (*role, l)));
    let mut y = y;
    for (role, line) in lines {
        let line = match (canvas.look.glyphs.is_ascii(), line.strip_prefix('▲')) {
            (true, Some(rest)) => format!("!{rest}"),
            (true, None) => line.replace('≠', canvas.look.glyphs.drift()),
            _ => line.clone(),
        };
        canvas.put(area, 3, y, &line, canvas.style(role));
        y += 1;
    }
    y
}
