//! Many hosts at a time. Each probe has its own deadline, so one that hangs holds up nobody but its own thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use super::progress::{Interrupted, Progress};
use crate::check::files;
use crate::check::finding::Finding;
use crate::check::machine::note::Note;
use crate::check::merge::merged;
use crate::check::note::Note as Said;
use crate::check::probe::probe;
use crate::check::target::{Report, Target};

/// How many hosts at a time, unless it is said: enough that those who wait do not matter, and few enough that the
/// key operations of as many handshakes at once do not eat the time that each may take.
pub(super) const JOBS: usize = 64;

/// What a thread needs for a handshake in a build without optimisation, with room to spare.
const STACK: usize = 512 * 1024;

/// How often progress is drawn and Ctrl-C looked for.
const TICK: Duration = Duration::from_millis(50);

/// How a check is to be done.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    pub(super) jobs: usize,
    pub(super) offline: bool,
}

/// Whom to ask.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) target: Target,
    /// Whether modes of files are judged.
    pub(super) strict: bool,
}

/// Does every job that can be done. The reports stand in the order of the jobs; `None` where there was nobody to ask.
///
/// # Errors
/// A signal ended it.
pub(super) fn run(
    jobs: &Arc<Vec<Option<Job>>>,
    how: How,
    progress: &mut Progress<'_>,
) -> Result<Vec<Option<Report>>, Interrupted> {
    let all = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mpsc::channel();
    let count = jobs.len();
    let mut started = 0;
    for _ in 0..how.jobs.min(count) {
        let (jobs, next, tx) = (Arc::clone(jobs), Arc::clone(&all), tx.clone());
        let work = move || work(&jobs, how, &next, &tx);
        match thread::Builder::new().stack_size(STACK).spawn(work) {
            Ok(_) => started += 1,
            Err(_) => break,
        }
    }
    if started == 0 {
        work(jobs, how, &all, &tx);
    }
    drop(tx);
    let mut reports: Vec<Option<Report>> = (0..count).map(|_| None).collect();
    let mut done = 0;
    loop {
        match rx.recv_timeout(TICK) {
            Ok((at, report)) => {
                done += 1;
                if let Some(place) = reports.get_mut(at) {
                    *place = report;
                }
                if done == count {
                    return Ok(reports);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(reports),
        }
        progress.tick(done)?;
    }
}

fn work(jobs: &[Option<Job>], how: How, next: &AtomicUsize, tx: &Sender<(usize, Option<Report>)>) {
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(job) = jobs.get(at) else { return };
        let report = job.as_ref().map(|job| ask(&job.target, how.offline, job.strict));
        if tx.send((at, report)).is_err() {
            return;
        }
    }
}

/// The files first, then the wire.
fn ask(target: &Target, offline: bool, strict: bool) -> Report {
    let mut findings = files::check(target, strict);
    if offline {
        findings.push(Finding::ok("offline", Said::Machine(Note::Offline)));
        return Report { findings, ..Report::default() };
    }
    let report = probe(target);
    Report { findings: merged(findings, report.findings), ..report }
}
