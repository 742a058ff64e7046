//! What lies over the screen: questions and forms. Lists (help, palette, menu, operations) are in `lists`.

use super::{
    audit,
    canvas::{Canvas, width},
    limits::draw_text_field,
    lists, logs, take_out,
    theme::Role,
    urls,
};
use crate::app::{
    Hit, Model,
    detail::failure_text,
    keymap::Mode,
    overlay::{
        Overlay,
        confirm::Confirm,
        form::{AddForm, OFFERED_MAX, Try},
    },
    text,
};
use ratatui::layout::Rect;

pub(super) fn draw(model: &Model, overlay: &Overlay, canvas: &mut Canvas<'_>, area: Rect) {
    match overlay {
        Overlay::Confirm(confirm) => draw_confirm(model, confirm, canvas, area),
        Overlay::Add(form) => draw_form(model, form, canvas, area),
        Overlay::Help(mode, top) => lists::draw_help(model, *mode, *top, canvas, area),
        Overlay::Palette(palette) => lists::draw_palette(palette, canvas, area),
        Overlay::Menu(menu) => lists::draw_menu(model, menu, canvas, area),
        Overlay::Presets(index) => lists::draw_presets(model, *index, canvas, area),
        Overlay::Services(index) => logs::draw_services(model, *index, canvas, area),
        Overlay::Ways(ways) => lists::draw_ways(ways, canvas, area),
        Overlay::Jobs(index) => lists::draw_jobs(model, *index, canvas, area),
        Overlay::Line(line) => take_out::draw_line(model, line, canvas, area),
        Overlay::Save(form) => take_out::draw_save(model, form, canvas, area),
        Overlay::Audit(dialog) => audit::draw(model, dialog, canvas, area),
        Overlay::Urls(dialog) => urls::draw(model, dialog, canvas, area),
    }
}

fn draw_confirm(model: &Model, confirm: &Confirm, canvas: &mut Canvas<'_>, area: Rect) {
    let wide = area.width.saturating_sub(4).min(70);
    let inner = usize::from(wide.saturating_sub(4));
    let lines: Vec<String> = confirm
        .body
        .iter()
        .flat_map(|line| text::wrap(line, inner))
        .collect();
    let typing = u16::from(confirm.typed.is_some()) * 2;
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(4 + typing);
    let place = canvas.dialog(area, wide, height, &confirm.title);
    let mut y = 0;
    for line in &lines {
        canvas.put(place, 1, y, line, canvas.style(Role::Text));
        y += 1;
    }
    if let Some((name, field)) = &confirm.typed {
        let ask = format!("Type {name} to go on: ");
        let x = canvas.put(place, 1, y + 1, &ask, canvas.style(Role::Warn));
        let spot = Rect {
            x: place.x + x,
            y: place.y + y + 1,
            width: place.width.saturating_sub(x + 1),
            height: 1,
        };
        draw_text_field(canvas, field, spot, canvas.style(Role::Text), true);
    }
    draw_buttons(model, confirm, canvas, place);
}

/// The way back on the left, focused; the deed on the right with its key.
fn draw_buttons(model: &Model, confirm: &Confirm, canvas: &mut Canvas<'_>, place: Rect) {
    let y = place.height.saturating_sub(1);
    let yes = model
        .keys
        .hint(Mode::Dialog, crate::app::Action::Yes)
        .unwrap_or_default();
    let typing = confirm.typed.is_some();
    let deed = if typing {
        format!("{} (Enter)", confirm.button)
    } else {
        format!("{} ({yes})", confirm.button)
    };
    let framed = |text: &str, focused: bool| {
        if focused {
            format!("[ {text} ]")
        } else {
            format!("  {text}  ")
        }
    };
    let (back, deed) = (
        framed("Cancel", !confirm.accept && !typing),
        framed(&deed, confirm.accept),
    );
    let x = place.width.saturating_sub(width(&back) + width(&deed) + 3);
    let style = |focused: bool, role| if focused { Role::Selection } else { role };
    let ready = if confirm.is_complete() {
        Role::Text
    } else {
        Role::Faint
    };
    let at = canvas.put(
        place,
        x,
        y,
        &back,
        canvas.style(style(!confirm.accept && !typing, Role::Text)),
    );
    canvas.hit(place, x, y, width(&back), Hit::Cancel);
    canvas.put(
        place,
        at + 2,
        y,
        &deed,
        canvas.style(style(confirm.accept, ready)),
    );
    canvas.hit(place, at + 2, y, width(&deed), Hit::Accept);
}

fn draw_form(model: &Model, form: &AddForm, canvas: &mut Canvas<'_>, area: Rect) {
    let offered = form.offered.len().min(OFFERED_MAX);
    let wide = area.width.saturating_sub(4).min(76);
    let place = canvas.dialog(
        area,
        wide,
        9 + u16::try_from(offered).unwrap_or(0),
        "Add a project",
    );
    let errors = form.errors(&model.known);
    for (n, (label, field)) in [("name", &form.name), ("folder", &form.path)]
        .into_iter()
        .enumerate()
    {
        let y = u16::try_from(n).unwrap_or(0) * 2;
        let focused = form.focus == n;
        let role = if focused { Role::Accent } else { Role::Faint };
        canvas.put(place, 1, y, label, canvas.style(role));
        let spot = Rect {
            x: place.x.saturating_add(9),
            y: place.y.saturating_add(y),
            width: place.width.saturating_sub(10),
            height: u16::from(y < place.height),
        };
        draw_text_field(canvas, field, spot, canvas.style(Role::Text), focused);
        // An empty field that nobody has left yet is not an error.
        let told = form.checked && !(focused && field.text().is_empty());
        if let Some(error) = errors[n].as_deref().filter(|_| told) {
            let error = text::cut(error, usize::from(place.width.saturating_sub(10)));
            canvas.put(place, 9, y + 1, &error, canvas.style(Role::Bad));
        }
    }
    for (y, name) in (4..).zip(form.offered.iter().take(OFFERED_MAX)) {
        canvas.put(
            place,
            9,
            y,
            &format!("{}/", text::cut(name, 60)),
            canvas.style(Role::Dim),
        );
    }
    draw_form_end(form, canvas, place);
}

fn draw_form_end(form: &AddForm, canvas: &mut Canvas<'_>, place: Rect) {
    let (text, role) = match &form.tried {
        Try::None => (String::new(), Role::Dim),
        Try::Sent(name) => (format!("adding {name} …"), Role::Wait),
        Try::Failed(failure) => {
            let text = failure_text(failure);
            (text, Role::Bad)
        }
    };
    let lines = text::wrap(&text, usize::from(place.width.saturating_sub(2)));
    let keys = place.height.saturating_sub(1);
    for (y, line) in (keys.saturating_sub(2)..keys).zip(&lines) {
        canvas.put(place, 1, y, line, canvas.style(role));
    }
    let hint = "Enter add   Tab complete or next   Esc leave";
    canvas.put(place, 1, keys, hint, canvas.style(Role::Dim));
}
