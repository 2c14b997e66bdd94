//! What `use`, `reset`, `current`, completion and `ls` cost, as ratios taken in one run. `sh benches/run.sh`
//! builds and runs it. Instruction counts repeat to a per mille; times are medians of interleaved runs,
//! and still move with whatever else the machine does. It prints and judges, and never fails for slowness.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark that cannot run stops and says why"
)]

#[cfg(not(unix))]
fn main() {
    println!("skipped: this benchmark needs a Unix");
}

#[cfg(unix)]
mod data;
#[cfg(unix)]
mod measure;

#[cfg(unix)]
fn main() {
    unix::main();
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    use crate::data::{self, NAME};
    use crate::measure::{Run, find, median, wall};

    /// Rounds against the floor; every program here runs for about a millisecond.
    const ROUNDS: usize = 400;

    /// The table: each figure as it is known.
    struct Table;

    impl Table {
        fn head(&self, title: &str) {
            println!("\n{title}");
        }

        /// One row; `goal` and `aim` are upper bounds.
        fn row(&self, what: &str, figure: Option<f64>, goal: Option<f64>, aim: Option<f64>) {
            let bound = |bound: Option<f64>| bound.map_or("-".to_owned(), number);
            let (goal_text, aim) = (bound(goal), bound(aim));
            let (text, verdict) = match (figure, goal) {
                (None, _) => ("-".to_owned(), "skipped"),
                (Some(figure), None) => (number(figure), ""),
                (Some(figure), Some(goal)) if figure <= goal => (number(figure), "ok"),
                (Some(figure), Some(_)) => (number(figure), "MISS"),
            };
            println!("  {what:<58} {text:>9} {goal_text:>7} {aim:>6}  {verdict}");
        }
    }

    fn number(value: f64) -> String {
        if value >= 1000.0 {
            format!("{value:.0}")
        } else if value >= 20.0 {
            format!("{value:.1}")
        } else {
            format!("{value:.3}")
        }
    }

    /// The release binary and the floor, built now.
    fn build() -> (PathBuf, PathBuf) {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--release", "--bin", "dctx", "--example", "floor"]);
        assert!(build.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap().success());
        let own = std::env::current_exe().unwrap();
        let release = own.ancestors().nth(2).unwrap();
        (release.join("dctx"), release.join("examples/floor"))
    }

    pub(super) fn main() {
        let (dctx, floor) = build();
        let base = std::env::temp_dir().join(format!("dctx-bench-{}", std::process::id()));
        let homes = [10, 1_000, 10_000].map(|n| data::home(&base, n));
        println!("{:<60} {:>9} {:>7} {:>6}", "figure: less is better", "figure", "goal", "aim");
        measure_all(&dctx, &floor, &homes);
        fs::remove_dir_all(&base).unwrap();
    }

    fn measure_all(dctx: &Path, floor: &Path, homes: &[PathBuf; 3]) {
        let small = &homes[0];
        let run = |home: &Path, args: &[&str]| Run::new(dctx, home, args);
        let use_args = ["use", NAME, "--shell", "bash"];
        let floor = Run::new(floor, small, &[]);
        let uses = homes.each_ref().map(|home| run(home, &use_args));
        let detected = run(small, &["use", NAME]);
        let reset = run(small, &["reset", "--shell", "bash"]);
        let current = run(small, &["current"]);
        let complete = run(small, &["__complete", "names-hosts", ""]);
        for run in uses.iter().chain([&floor, &reset, &current, &complete]) {
            run.check();
        }
        let table = Table;

        table.head("instructions (user space, valgrind), as multiples of the floor's");
        let base = floor.instructions(false);
        let count = |run: &Run| run.instructions(false);
        let against = |count: Option<f64>, base: Option<f64>| Some(count? / base?);
        let own = uses.each_ref().map(count);
        let bounds = [("10", 2.0, 1.3), ("1,000", 2.5, 1.6), ("10,000", 7.0, 5.0)];
        for (own, (n, goal, aim)) in own.iter().zip(bounds) {
            let what = format!("use NAME --shell bash, {n} profiles");
            table.row(&what, against(*own, base), Some(goal), Some(aim));
        }
        let shell = detected.instructions(true);
        table.row(
            "use NAME (shell found by itself), 10",
            against(shell, base),
            Some(2.0),
            Some(1.3),
        );
        for (what, other) in [
            ("reset / use, 10", &reset),
            ("current / use, 10", &current),
            ("completion of names and hosts / use, 10", &complete),
        ] {
            table.row(what, against(count(other), own[0]), Some(1.0), None);
        }
        table.row("(the floor itself, instructions)", base, None, None);

        table.head("wall time against the floor's (medians of 400, interleaved)");
        let times = wall(&[&floor, &uses[0], &uses[2], &reset, &current, &complete], ROUNDS);
        table.row("use, 10 profiles", Some(times[1] / times[0]), Some(1.3), Some(1.1));
        table.row("use, 10,000 profiles", Some(times[2] / times[0]), Some(3.0), None);
        table.row("reset / use", Some(times[3] / times[1]), None, None);
        table.row("current / use", Some(times[4] / times[1]), None, None);
        table.row("completion / use, 10", Some(times[5] / times[1]), None, None);
        table.row("(the floor itself, milliseconds)", Some(times[0]), None, None);

        table.head("wall time against docker's own client (interleaved)");
        against_docker(&table, dctx, homes, &uses[0], &current);

        table.head("system calls, memory, size");
        let calls = uses[0].system_calls();
        table.row("system calls of use", calls, Some(90.0), Some(70.0));
        table.row("(those of the floor)", floor.system_calls(), None, None);
        let memory = |run: &Run| -> Option<(f64, f64)> {
            let all: Option<Vec<(f64, f64)>> = (0..5).map(|_| run.memory()).collect();
            let (peaks, own) = all?.into_iter().unzip();
            Some((median(peaks), median(own)))
        };
        let [least, few, many] = [&floor, &uses[0], &uses[2]].map(memory);
        let (least_peak, least_own) = least.unzip();
        let peak = |one: Option<(f64, f64)>| against(one.map(|(peak, _)| peak), least_peak);
        table.row("peak memory of use / the floor's, 10", peak(few), Some(1.5), None);
        table.row("peak memory of use / the floor's, 10,000", peak(many), None, None);
        let own = against(few.map(|(_, own)| own), least_own);
        table.row("(the same without pages of the programs, 10)", own, None, None);
        let size = fs::metadata(dctx).unwrap().len() as f64 / 1e6;
        table.row("release binary, stripped, MB", Some(size), Some(5.0), None);
    }

    fn against_docker(table: &Table, dctx: &Path, homes: &[PathBuf; 3], own: &Run, current: &Run) {
        let [small, medium, large] = homes;
        let rows = [
            ("use / docker context use, 10", 1.0 / 9.0),
            ("current / docker context show, 10", f64::NAN),
            ("ls / docker context ls, 1,000", 1.0 / 8.0),
            ("ls / docker context ls, 10,000", 1.0 / 5.0),
            ("completion / docker's, 10,000", 1.0 / 20.0),
        ];
        let docker = find("docker").map(|docker| {
            for (home, n) in [(small, 10), (medium, 1_000), (large, 10_000)] {
                data::contexts(home, n);
            }
            move |home: &Path, args: &[&str]| Run::new(&docker, home, args)
        });
        let Some(docker) = docker else {
            rows.iter().for_each(|(what, _)| table.row(what, None, None, None));
            return;
        };
        let run = |home: &Path, args: &[&str]| Run::new(dctx, home, args);
        let complete = ["__complete", "names-hosts", ""];
        let pairs = [
            (own.clone(), docker(small, &["context", "use", NAME]), 100),
            (current.clone(), docker(small, &["context", "show"]), 100),
            (run(medium, &["ls"]), docker(medium, &["context", "ls"]), 25),
            (run(large, &["ls"]), docker(large, &["context", "ls"]), 11),
            (run(large, &complete), docker(large, &["__complete", "context", "use", ""]), 11),
        ];
        for ((what, goal), (ours, theirs, rounds)) in rows.into_iter().zip(pairs) {
            ours.check();
            theirs.check();
            let times = wall(&[&ours, &theirs], rounds);
            let goal = Some(goal).filter(|goal| !goal.is_nan());
            table.row(what, Some(times[0] / times[1]), goal, None);
        }
    }
}
