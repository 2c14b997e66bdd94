//! What the hook does in the model of the scopes.

use std::path::Path;

use dctx::exports::{BEFORE, DIR, DirChange, DirMark, Leaving, Scope, Standing, UseInput, for_use};

use super::{DIRS, SAVED, World, destination, hide};

impl World {
    /// What the hook does at a prompt.
    pub(crate) fn prompt(&mut self, who: usize, home: &Path, certs: &Path) {
        if self.fish {
            // a person may have erased what hides a universal variable
            hide(self.shells[who].last_mut().unwrap(), &self.universal);
            let saved = self.top(who).own.get(&SAVED);
            if saved.is_some_and(|text| !text.as_encoded_bytes().starts_with(b"s1,")) {
                let exports = self.look(who, |here| here.settled());
                self.evaluate(who, &exports);
            }
            self.give_back(who);
        } else if self.file.is_none()
            && self.top(who).own.get(&SAVED).is_some_and(|text| text.is_empty())
        {
            self.top_mut(who).own.remove(&SAVED);
        }
        if !self.is_inside(who) {
            self.directory(who, home, certs);
        }
        let saved = self.top(who).own.get(&SAVED);
        if self.fish || saved.is_some_and(|text| !text.as_encoded_bytes().starts_with(b"u1,")) {
            return;
        }
        let Standing::Follows(saved) = self.look(who, |here| here.standing()) else { return };
        let current = saved.and_then(|saved| saved.token);
        match (self.file, current) {
            (Some(_), current) if current == self.token() => {}
            (Some(name), _) => {
                let (to, token) = (destination(name, certs), self.token());
                let dir = &DirChange::ByHand;
                let exports = self.look(who, |here| {
                    let (scope, token) = (Scope::Universal, token.as_deref());
                    for_use(&UseInput { to: &to, here, scope, token, dir })
                });
                self.evaluate(who, &exports);
            }
            (None, None) => {}
            (None, Some(_)) => self.reset(who, Some(Scope::Session), &DirChange::ByHand),
        }
    }

    /// What this fish had of its own, where the choice that took its place has been revoked.
    fn give_back(&mut self, who: usize) {
        let is_bereft = self.fish
            && self.top(who).own.contains_key(&BEFORE)
            && !self.universal.contains_key(&SAVED)
            && self.look(who, |here| here.is_bereft());
        if is_bereft {
            self.reset(who, Some(Scope::Session), &DirChange::Stay);
        }
    }

    fn directory(&mut self, who: usize, home: &Path, certs: &Path) {
        let mark = self.top(who).own.get(&DIR).and_then(|text| DirMark::decode(text));
        let cwd = self.top(who).cwd;
        let owner = DIRS.into_iter().find(|(dir, _)| *dir == cwd).map(|(_, profile)| profile);
        let path = home.join(cwd);
        match (owner, mark) {
            (None, None) => {}
            (Some(_), Some(mark)) if mark.is_of(&path) => {}
            (Some("prod"), mark) => {
                if let Some(mark) = mark {
                    self.leave(who, &mark, certs);
                }
                let before = self.look(who, |here| here.before());
                let mark = DirMark { by_hand: true, nowhere: true, before, path };
                self.top_mut(who).own.insert(DIR, mark.encode().into());
            }
            (Some(profile), mark) => {
                let before =
                    mark.map_or_else(|| self.look(who, |here| here.before()), |mark| mark.before);
                let mark = DirMark { by_hand: false, nowhere: false, before, path };
                self.go(who, profile, &DirChange::Enter(mark), certs);
            }
            (None, Some(mark)) => self.leave(who, &mark, certs),
        }
    }

    fn go(&mut self, who: usize, profile: &str, dir: &DirChange, certs: &Path) {
        let to = destination(profile, certs);
        let exports = self.look(who, |here| {
            for_use(&UseInput { to: &to, here, scope: Scope::Session, token: None, dir })
        });
        self.evaluate(who, &exports);
    }

    fn leave(&mut self, who: usize, mark: &DirMark, certs: &Path) {
        match self.look(who, |here| here.leaving(mark)) {
            Leaving::Values(exports) => {
                self.evaluate(who, &exports);
                self.give_back(who);
            }
            Leaving::Profile { name, .. } if name == "prod" => {
                self.reset(who, Some(Scope::Session), &DirChange::Leave);
            }
            Leaving::Profile { name, .. } => self.go(who, &name, &DirChange::Leave, certs),
        }
    }
}
