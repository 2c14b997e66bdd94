//! What each error says and advises, in English and Chinese.

use super::{Error, Hint, Lang};

impl Error {
    /// The message: what is wrong and where; several lines where there is a file to show.
    #[must_use]
    pub fn message(&self, _lang: Lang) -> String {
        format!("{self:?}")
    }

    /// What to do about it.
    #[must_use]
    pub fn hints(&self, _lang: Lang) -> Vec<Hint> {
        Vec::new()
    }
}
