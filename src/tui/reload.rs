//! Themes that change while the screen is open: the file of one, or which one the hub file names.

use super::{Run, terminal::Stage, themes::Files};
use crate::{app::Msg, domain::ThemeWish};

impl<B> Run<'_, B>
where
    B: Stage,
    B::Error: Send + Sync + 'static,
{
    /// The theme that the hub file names now; one that is not there is said, and the old one stays.
    pub(super) fn wish_theme(&mut self, wish: &ThemeWish) -> anyhow::Result<()> {
        match self.looks.wish(wish) {
            Ok(true) => self.show_look(),
            Ok(false) => Ok(()),
            Err(why) => self.take(Msg::Notice(why)),
        }
    }

    /// The theme files as they are now; of one that cannot be used what was shown before stays.
    pub(super) fn take_themes(&mut self, files: &Files) -> anyhow::Result<()> {
        self.looks.renew(files);
        self.show_look()?;
        let notices = self.looks.take_notices().into_iter();
        self.take_all(notices.map(Msg::Notice))
    }

    fn show_look(&mut self) -> anyhow::Result<()> {
        self.take(Msg::Themes {
            names: self.looks.names(),
            current: self.looks.index(),
        })?;
        if self.aside.is_none() && !self.plain {
            self.redraw()?;
        }
        Ok(())
    }
}
