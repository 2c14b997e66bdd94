//! The laboratory. Every diagnosis is made here for real, on loopback or in a namespace of its own: the real docker client
//! says what it says at that moment, `dctx check` finds out by looking, `dctx explain` reads docker's words; all
//! three have to speak of the same fault. `cargo test lab -- --nocapture` prints the matrix.
//!
//! `DCTX_LAB=words` runs the situations whose names hold these words; `DCTX_LAB_DOCKER=/path` asks another client.

mod hostile;
mod net;
mod programs;
pub(crate) mod scene;
mod servers;
mod situations;
pub(crate) mod ssh;
mod tls;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use dctx::check::id::Id;

use crate::support::dockerd::{hung_up, told_why};
use crate::support::{Output, require};
use scene::{Scene, diagnoses};
use situations::{Row, Words};

/// How many situations at a time: most of them wait, and some start a daemon.
const AT_A_TIME: usize = 6;

/// What came of one situation.
#[derive(Debug, Default)]
struct Outcome {
    cells: [String; 5],
    faults: Vec<String>,
}

/// What no situation of the docker command brings about: other programs say it, on this machine or the host. The texts of
/// `explain_families.rs` have each.
pub(crate) const OF_OTHER_PROGRAMS: &[Id] = &[
    Id::CaIntermediate,
    Id::CaKeyUsage,
    Id::CaBundleEnv,
    Id::TlsEnvWithSocket,
    Id::ApiClientFloor,
    Id::ApiSdkDefault,
    Id::SshClientMissingInSdk,
    Id::DockerMissing,
    Id::ClientOutdated,
    Id::BuildxEnvTls,
    Id::DaemonConflict,
    Id::DaemonConfigInvalid,
    Id::DaemonSocketUnit,
    Id::DaemonCertMissing,
    Id::DaemonPortInUse,
    // of this shell and this machine: tests/it/hook_lost.rs and sockets.rs make them
    Id::HookLost,
    Id::SocketElsewhere,
];

/// Every diagnosis of the closed list has a situation, and none stands there twice.
#[test]
fn every_diagnosis_is_made() {
    let rows = situations::all();
    let made: BTreeSet<Id> = rows.iter().map(|row| row.id).collect();
    let elsewhere = |id: &Id| OF_OTHER_PROGRAMS.contains(id);
    let missing: Vec<_> =
        Id::ALL.iter().filter(|id| !made.contains(id) && !elsewhere(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let names: BTreeSet<_> = rows.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), rows.len());
}

/// docker's words, what `check` finds and what `explain` reads are of the same fault, in every situation.
#[test]
fn docker_check_and_explain_agree() {
    if ["docker", "openssl", "setsid", "timeout"].iter().any(|program| require(program).is_none()) {
        return;
    }
    let wanted = std::env::var("DCTX_LAB").unwrap_or_default();
    let rows: Vec<Row> =
        situations::all().into_iter().filter(|row| row.name.contains(&wanted)).collect();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = catch_unwind(AssertUnwindSafe(|| try_out(row)));
                    let outcome = outcome.unwrap_or_else(|why| Some(Outcome::panicked(&*why)));
                    done.lock().unwrap().extend(outcome.map(|outcome| (row, outcome)));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(row, _)| (row.id, row.name));
    print(&done);
    let faults: Vec<String> = done
        .iter()
        .flat_map(|(row, outcome)| {
            outcome
                .faults
                .iter()
                .map(|fault| format!("{} ({}): {fault}", row.name, row.id.as_str()))
        })
        .collect();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), done.len(), faults.join("\n"));
}

/// Where nothing is wrong, nothing is found.
#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    use crate::support::dockerd::Dockerd;
    if ["docker", "setsid", "timeout"].iter().any(|program| require(program).is_none()) {
        return;
    }
    let mut scenes = Vec::new();
    if let Some(daemon) = Dockerd::mutual() {
        scenes.push(Scene::tls(&daemon.tcp(), |_| daemon.certs.clone()));
        scenes.push(Scene::tls(&daemon.tcp(), |_| daemon.certs.clone()).api("1.40"));
    }
    if let Some(daemon) = Dockerd::plain() {
        scenes.push(Scene::host(&daemon.tcp()));
        scenes.push(Scene::host(&format!("unix://{}", daemon.socket().display())));
    }
    if let Some(sshd) = ssh::Sshd::shared() {
        scenes.extend(ssh::scene(&sshd.url(), "good", ssh::Known::Right));
        let daemon = Dockerd::plain().unwrap();
        let url = format!("{}{}", sshd.url(), daemon.socket().display());
        scenes.extend(ssh::scene(&url, "good", ssh::Known::Right));
    }
    for scene in scenes {
        scene.ready();
        scene.docker(false).done();
        let check = scene.check(false);
        check.done();
        let mut found = diagnoses(&check.stdout).unwrap();
        // which is so where the machine is busy
        found.retain(|(id, _)| id != "ssh-slow");
        assert_eq!(found, [], "{}", scene.check_text().out());
    }
}

fn try_out(row: &Row) -> Option<Outcome> {
    let scene = (row.scene)()?;
    scene.ready();
    let mut outcome = Outcome::default();
    let mut docker = scene.docker(matches!(row.words, Words::Hangs));
    // where the end of the connection is not what docker is expected to report
    if !right(row, &docker) && hung_up(&docker) {
        docker = told_why(|| scene.docker(false));
    }
    outcome.docker(row, &docker);
    let in_vain = row.id == Id::Timeout || matches!(row.words, Words::Hangs);
    outcome.check(row, &scene.check(in_vain));
    // who got no words has nothing to explain
    if docker.code() != 0 && !docker.stderr.is_empty() {
        outcome.explain(row, &scene, &docker.stderr);
    }
    Some(outcome)
}

impl Outcome {
    fn panicked(why: &(dyn std::any::Any + Send)) -> Self {
        let text = why.downcast_ref::<String>().cloned();
        let text = text.or_else(|| why.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Outcome { faults: vec![text.unwrap_or_default()], ..Self::default() }
    }

    fn docker(&mut self, row: &Row, docker: &Output) {
        let (code, says) = (docker.code(), docker.err());
        self.cells[0] = said(&says);
        self.cells[1] = code.to_string();
        if !right(row, docker) {
            self.faults.push(format!("docker: {code}, {says}; not {:?}", row.words));
        }
    }

    fn check(&mut self, row: &Row, check: &Output) {
        let code = check.code();
        let found = match diagnoses(&check.stdout) {
            Ok(found) => found,
            Err(e) => {
                self.cells[2] = format!("? {code}");
                self.faults.push(format!("check: {code}: {e}: {}{}", check.out(), check.err()));
                return;
            }
        };
        let fails = |(_, level): &&(String, String)| level == "fail" || level.is_empty();
        let first = found.iter().find(fails).or(found.first()).map_or("nothing", |(id, _)| id);
        self.cells[2] = format!("{first} {code}");
        let right = if row.warned {
            code == 0 && check.out().contains("\"level\": \"warn\"")
        } else if row.id.code() == 0 {
            // a warning may stand beside a failure that comes of it
            found.iter().any(|(id, _)| id == row.id.as_str())
        } else {
            first == row.id.as_str() && code == i32::from(row.id.code())
        };
        if !right {
            self.faults.push(format!("check: {code}, {found:?}: {}", check.err()));
        }
    }

    fn explain(&mut self, row: &Row, scene: &Scene, words: &[u8]) {
        let own = [row.id];
        let alone = if row.alone.is_empty() { &own[..] } else { row.alone };
        let answer = scene.explain(words, false);
        // an old client says no more than "protocol not available" where newer ones crash
        let quiet = matches!(row.words, Words::Crash(_))
            && !String::from_utf8_lossy(words).contains("panic");
        if row.mute || quiet {
            self.cells[3] = "unknown 1".into();
            if answer.code() != 1 || !answer.out().contains("\"unknown\"") {
                self.faults.push(format!("explain: {}, {}", answer.code(), answer.out()));
            }
            return;
        }
        self.explained(3, "explain", alone, &answer);
        if scene.has_profile() {
            let answer = scene.explain(words, true);
            self.explained(4, "explain -p", if row.untold { alone } else { &own }, &answer);
        }
    }

    fn explained(&mut self, cell: usize, what: &str, ids: &[Id], answer: &Output) {
        let code = answer.code();
        let found = diagnoses(&answer.stdout).unwrap_or_default();
        let id = found.first().map_or("nothing", |(id, _)| id);
        self.cells[cell] = format!("{id} {code}");
        if !ids.iter().any(|right| right.as_str() == id && i32::from(right.code()) == code) {
            self.faults.push(format!("{what}: {code}, {}{}", answer.out(), answer.err()));
        }
    }
}

/// Whether docker said what it is expected to.
fn right(row: &Row, docker: &Output) -> bool {
    let (code, says) = (docker.code(), docker.err());
    let any = |texts: &[&str]| texts.iter().any(|text| says.contains(text));
    match row.words {
        Words::Any(_) if row.id == Id::Timeout && code == 124 => true,
        Words::Any(texts) => code == 1 && any(texts),
        Words::Crash(texts) => (code == 1 || code == 2) && any(texts),
        Words::Hangs => code == 124,
        Words::Fine => code == 0,
    }
}

/// docker's words as the matrix has them: what tells the fault stands at the end of the first line, as a rule.
fn said(words: &str) -> String {
    const WIDTH: usize = 60;
    // ssh draws a frame
    let text = |line: &&str| !line.trim_matches(|c: char| c == '@' || c.is_whitespace()).is_empty();
    let line = words.lines().find(text).unwrap_or("").trim();
    let count = line.chars().count();
    if count <= WIDTH {
        return line.to_owned();
    }
    format!("…{}", line.chars().skip(count + 1 - WIDTH).collect::<String>())
}

fn print(done: &[(&Row, Outcome)]) {
    let head = ["wrong", "situation", "docker says", "exit", "check", "explain", "explain -p"];
    let mut table = vec![head.map(str::to_owned)];
    table.extend(done.iter().map(|(row, outcome)| {
        let [says, code, check, alone, profile] = outcome.cells.clone();
        [row.id.as_str().to_owned(), row.name.to_owned(), says, code, check, alone, profile]
    }));
    let width = |i: usize| table.iter().map(|line| line[i].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    for line in &table {
        let cells = line.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}
