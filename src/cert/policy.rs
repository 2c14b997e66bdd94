//! Certificate policies (RFC 5280 §6.1 with the graph of RFC 9618): whether a chain meets what its own CAs require. Go
//! looks at them since 1.24 (crypto/x509 verify.go, `policiesValid`); nobody asks for a policy, so a chain fails only
//! where a CA of it requires one.

use std::collections::{BTreeMap, BTreeSet};

use super::strict::{OID, SEQUENCE, Strict, is_oid};
use super::x509::Cert;

/// The contents of an OBJECT IDENTIFIER.
type Oid = Vec<u8>;
/// 2.5.29.32.0, which stands for every policy.
const ANY: &[u8] = &[0x55, 0x1d, 0x20, 0x00];

/// What a certificate says of policies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policies {
    /// Those it was issued under.
    pub own: Vec<Oid>,
    /// Which policy of its issuer stands for which of its subject.
    pub mappings: Vec<(Oid, Oid)>,
    /// From how many certificates below it on a policy is required.
    pub require: Option<i64>,
    /// From how many certificates below it on nothing is mapped.
    pub inhibit_mapping: Option<i64>,
    /// From how many certificates below it on `any` stands for nothing.
    pub inhibit_any: Option<i64>,
}

impl Policies {
    /// Certificate policies (2.5.29.32).
    pub fn read_own(&mut self, value: &[u8]) -> Result<(), &'static str> {
        const INVALID: &str = "x509: invalid certificate policies";
        let mut seen = BTreeSet::new();
        let mut all = Strict::new(value).inside(SEQUENCE).ok_or(INVALID)?;
        while !all.is_empty() {
            let oid = all.inside(SEQUENCE).and_then(|mut policy| policy.tagged(OID));
            let oid = oid.filter(|oid| is_oid(oid)).ok_or(INVALID)?;
            if !seen.insert(oid) {
                return Err(INVALID);
            }
            self.own.push(oid.to_vec());
        }
        Ok(())
    }

    /// Policy mappings (2.5.29.33).
    pub fn read_mappings(&mut self, value: &[u8]) -> Result<(), &'static str> {
        const INVALID: &str = "x509: invalid policy mappings extension";
        let mut all = Strict::new(value).inside(SEQUENCE).ok_or(INVALID)?;
        while !all.is_empty() {
            let mut pair = all.inside(SEQUENCE).ok_or(INVALID)?;
            let from = pair.tagged(OID).ok_or(INVALID)?.to_vec();
            let to = pair.tagged(OID).ok_or(INVALID)?.to_vec();
            self.mappings.push((from, to));
        }
        Ok(())
    }

    /// Policy constraints (2.5.29.36).
    pub fn read_constraints(&mut self, value: &[u8]) -> Result<(), &'static str> {
        const INVALID: &str = "x509: invalid policy constraints extension";
        let mut all = Strict::new(value).inside(SEQUENCE).ok_or(INVALID)?;
        if all.is(0x80) {
            self.require = Some(all.int64(0x80).ok_or(INVALID)?);
        }
        if all.is(0x81) {
            self.inhibit_mapping = Some(all.int64(0x81).ok_or(INVALID)?);
        }
        Ok(())
    }
}

/// A policy at one depth of the graph, with the policies above it that lead to it.
#[derive(Debug, Default)]
struct Node {
    expected: Vec<Oid>,
    parents: BTreeSet<Oid>,
}

impl Node {
    fn new(policy: &[u8], parents: BTreeSet<Oid>) -> Self {
        Self { expected: vec![policy.to_vec()], parents }
    }
}

/// The policies that hold, by depth.
struct Graph {
    strata: Vec<BTreeMap<Oid, Node>>,
}

impl Graph {
    fn new() -> Self {
        let root = BTreeMap::from([(ANY.to_vec(), Node::new(ANY, BTreeSet::new()))]);
        Self { strata: vec![root] }
    }

    /// The next certificate's own policies, where those above it lead to them.
    fn descend(&mut self, cert: &Cert, any: bool) {
        let Some(above) = self.strata.last() else { return };
        let mut index: BTreeMap<&[u8], BTreeSet<Oid>> = BTreeMap::new();
        for (policy, node) in above {
            for expected in &node.expected {
                index.entry(expected).or_default().insert(policy.clone());
            }
        }
        let mut leaves = BTreeMap::new();
        for policy in cert.policies.own.iter().filter(|policy| *policy != ANY) {
            let parents = index.get(policy.as_slice()).cloned();
            let by_any = || above.contains_key(ANY).then(|| BTreeSet::from([ANY.to_vec()]));
            if let Some(parents) = parents.or_else(by_any) {
                leaves.insert(policy.clone(), Node::new(policy, parents));
            }
        }
        if any && cert.policies.own.iter().any(|policy| policy == ANY) {
            for (expected, parents) in index {
                leaves.entry(expected.to_vec()).or_insert_with(|| Node::new(expected, parents));
            }
        }
        self.strata.push(leaves);
        self.prune();
    }

    /// Takes out what leads nowhere.
    fn prune(&mut self) {
        for depth in (1..self.strata.len().saturating_sub(1)).rev() {
            let below = self.strata.get(depth + 1).into_iter().flat_map(BTreeMap::values);
            let kept: BTreeSet<Oid> = below.flat_map(|node| node.parents.clone()).collect();
            if let Some(stratum) = self.strata.get_mut(depth) {
                stratum.retain(|policy, _| kept.contains(policy));
            }
        }
    }

    /// Applies a CA's mappings to its own policies; false where one is of `any`.
    fn map(&mut self, mappings: &[(Oid, Oid)], allowed: bool) -> bool {
        if !allowed {
            let mapped: BTreeSet<&Oid> = mappings.iter().map(|(from, _)| from).collect();
            if let Some(leaves) = self.strata.last_mut() {
                leaves.retain(|policy, _| !mapped.contains(policy));
            }
            self.prune();
            return true;
        }
        let mut subjects: BTreeMap<&Oid, Vec<Oid>> = BTreeMap::new();
        for (from, to) in mappings {
            if from == ANY || to == ANY {
                return false;
            }
            subjects.entry(from).or_default().push(to.clone());
        }
        let Some(leaves) = self.strata.last_mut() else { return true };
        for (from, expected) in subjects {
            if let Some(node) = leaves.get_mut(from) {
                node.expected = expected;
            } else if leaves.contains_key(ANY) {
                let parents = BTreeSet::from([ANY.to_vec()]);
                leaves.insert(from.clone(), Node { expected, parents });
            }
        }
        true
    }

    /// Whether any policy holds for the whole chain.
    fn holds(&self) -> bool {
        let by_any = |node: &Node| node.parents.len() == 1 && node.parents.contains(ANY);
        let mut nodes = self.strata.iter().flatten();
        nodes.any(|(policy, node)| policy != ANY && by_any(node))
            || self.strata.last().is_some_and(|leaves| leaves.contains_key(ANY))
    }
}

/// Whether a chain, leaf first and root last, meets what its CAs require.
#[must_use]
pub fn valid(chain: &[&Cert]) -> bool {
    let Some((_, below)) = chain.split_last().filter(|(_, below)| !below.is_empty()) else {
        return true;
    };
    let start = i64::try_from(below.len()).unwrap_or(i64::MAX).saturating_add(1);
    let (mut inhibit_any, mut require, mut inhibit_mapping) = (start, start, start);
    let mut graph = Some(Graph::new());
    for (at, cert) in below.iter().enumerate().rev() {
        let policies = &cert.policies;
        let leaf = at == 0;
        if policies.own.is_empty() {
            graph = None;
        }
        if let Some(graph) = &mut graph {
            graph.descend(cert, inhibit_any > 0 || !leaf && cert.is_self_issued());
            if !leaf && !graph.map(&policies.mappings, inhibit_mapping > 0) {
                return false;
            }
        } else if require == 0 {
            return false;
        }
        if leaf {
            continue;
        }
        for (left, said) in [
            (&mut require, policies.require),
            (&mut inhibit_mapping, policies.inhibit_mapping),
            (&mut inhibit_any, policies.inhibit_any),
        ] {
            *left = (*left - i64::from(!cert.is_self_issued())).max(0);
            *left = said.filter(|said| *said >= 0).map_or(*left, |said| said.min(*left));
        }
    }
    require = (require - 1).max(0);
    if below.first().is_some_and(|leaf| leaf.policies.require == Some(0)) {
        require = 0;
    }
    require > 0 || graph.is_some_and(|graph| graph.holds())
}
