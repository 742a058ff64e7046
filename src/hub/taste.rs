//! What a hub file says about the screen itself: told where it is not as before, so that the screen follows at once.

use super::Fact;
use crate::{config::Settings, domain::ThemeWish};

/// What differs between the settings that were read before and those that are read now.
pub(super) fn changes(before: &Settings, now: &Settings) -> Vec<Fact> {
    let presets = (before.presets != now.presets).then(|| Fact::Presets(now.presets.clone()));
    let keys = (!before.keys.is_same(&now.keys)).then(|| Fact::Keys(Box::new(now.keys.clone())));
    let theme = (before.ui.theme != now.ui.theme).then(|| {
        Fact::Theme(ThemeWish {
            name: now.ui.theme.clone(),
            line: now.ui.theme_line,
        })
    });
    [presets, keys, theme].into_iter().flatten().collect()
}
