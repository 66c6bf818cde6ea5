//! What a credential may use of its role's rights: all of them, or the verbs and deeds named.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::dossier::Verb;
use super::role::{Deed, Role};

/// The part of a role's rights that a credential carries. It never adds any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Scopes {
    /// Whatever the role may.
    #[default]
    All,
    /// These words of verbs and deeds.
    Only(Arc<BTreeSet<&'static str>>),
}

/// A word that is neither a verb nor a deed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a verb nor a deed")]
pub struct UnknownScope(pub String);

impl Scopes {
    /// Reads words of verbs and deeds.
    ///
    /// # Errors
    /// The first word that is neither.
    pub fn read<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownScope> {
        let words = words.into_iter().map(|word| known(word).ok_or_else(|| UnknownScope(word.to_owned())));
        Ok(Self::Only(Arc::new(words.collect::<Result<_, _>>()?)))
    }

    /// Takes those of the words that are known; the others give no right.
    pub fn of_known<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Only(Arc::new(words.into_iter().filter_map(known).collect()))
    }

    /// Whether the verb is among them.
    pub fn hold_verb(&self, verb: Verb) -> bool {
        self.hold(verb.as_str())
    }

    /// Whether the deed is among them.
    pub fn hold_deed(&self, deed: Deed) -> bool {
        self.hold(deed.as_str())
    }

    /// Returns a word among them that the role does not allow.
    pub fn beyond(&self, role: Role) -> Option<&'static str> {
        let verbs = Verb::ALL.iter().filter(|verb| role.may_use(**verb)).map(|verb| verb.as_str());
        let deeds = Deed::ALL.iter().filter(|deed| role.may(**deed)).map(|deed| deed.as_str());
        let allowed: BTreeSet<_> = verbs.chain(deeds).collect();
        self.words()?.into_iter().find(|word| !allowed.contains(word))
    }

    /// Returns the words in the order of the alphabet, or none where the whole role is meant.
    pub fn words(&self) -> Option<Vec<&'static str>> {
        match self {
            Self::All => None,
            Self::Only(words) => Some(words.iter().copied().collect()),
        }
    }

    fn hold(&self, word: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(words) => words.contains(word),
        }
    }
}

/// Every word that a scope may be.
fn all_words() -> impl Iterator<Item = &'static str> {
    Verb::WORDS.iter().chain(Deed::WORDS).copied()
}

fn known(word: &str) -> Option<&'static str> {
    all_words().find(|known| *known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_both_a_verb_and_a_deed() {
        let words: BTreeSet<_> = all_words().collect();
        assert_eq!(words.len(), Verb::WORDS.len() + Deed::WORDS.len());
    }

    #[test]
    fn only_what_is_named_is_held() {
        let scopes = Scopes::read(["receive", "read_dossiers"]).unwrap();
        assert!(scopes.hold_verb(Verb::Receive) && scopes.hold_deed(Deed::ReadDossiers));
        assert!(!scopes.hold_verb(Verb::Finish) && !scopes.hold_deed(Deed::ReadIdentity));
        assert!(Scopes::All.hold_verb(Verb::Finish));
        assert!(!Scopes::read([]).unwrap().hold_verb(Verb::Receive), "no word is no right");
        assert_eq!(scopes.beyond(Role::Clerk), None);
        assert_eq!(scopes.beyond(Role::Chair), Some("receive"));
        assert_eq!(Scopes::of_known(["receive", "king"]), Scopes::read(["receive"]).unwrap());
        assert_eq!(Scopes::read(["king"]), Err(UnknownScope("king".to_owned())));
    }
}
