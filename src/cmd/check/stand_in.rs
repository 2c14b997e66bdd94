//! Stands in for what is being written elsewhere.
use crate::check::finding::Finding;
use crate::check::target::Target;

pub(super) fn look(_target: &Target) -> Vec<Finding> {
    Vec::new()
}
