//! Files and directories that belong to somebody else: refused whole, or changed with a word about it.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::store_write::{listing, names, target};
use crate::support::Sandbox;
use crate::support::require::skip;
use crate::support::sandbox::{copy_program, dctx_bin};

/// Nobody, who exists nowhere and owns nothing else.
const NOBODY: u32 = 65534;
/// Two more that exist nowhere.
const SOMEBODY: u32 = 12345;
const GROUP: u32 = 54321;

/// A sandbox that belongs to nobody, with a copy of the program that nobody can run.
struct Scene {
    sb: Sandbox,
    program: PathBuf,
    config: PathBuf,
    dir: PathBuf,
}

const TEXT: &str = "schema = 1\n# theirs\n";

impl Scene {
    fn new() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            skip("only root can run a program as somebody else");
            return None;
        }
        let sb = Sandbox::new();
        let program = sb.path("dctx");
        copy_program(dctx_bin(), &program);
        let config = target(&sb).config;
        sb.write("home/.config/dctx/config.toml", TEXT);
        fs::create_dir(sb.state().join("dctx")).unwrap();
        give(sb.dir());
        let dir = config.parent().unwrap().to_owned();
        Some(Self { sb, program, config, dir })
    }

    /// `dctx add new …` as nobody: exit code and standard error.
    fn add(&self) -> (i32, String) {
        let base = self.sb.dctx([] as [&str; 0]).into_command();
        let mut command = Command::new(&self.program);
        command.args(["add", "new", "tcp://192.0.2.1:2375"]).env_clear();
        command.envs(base.get_envs().filter_map(|(k, v)| Some((k, v?)))).uid(NOBODY).gid(NOBODY);
        command.current_dir(self.sb.work()).stdin(Stdio::null());
        // The program is a copy made a moment ago: a child that another test forked meanwhile may still
        // have it open for writing, until it runs its own program.
        let out = loop {
            match command.output() {
                Err(e) if e.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                    std::thread::yield_now()
                }
                other => break other.unwrap(),
            }
        };
        (out.status.code().unwrap(), String::from_utf8(out.stderr).unwrap())
    }
}

/// Gives a directory and all in it to nobody.
fn give(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path());
        }
    }
}

fn of_root(path: &Path, mode: u32) {
    chown(path, Some(0), Some(0)).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_directory_that_cannot_be_written_is_named_and_left_alone() {
    let Some(scene) = Scene::new() else { return };
    of_root(&scene.dir, 0o755);
    // Even a file that could be written in place is not.
    fs::set_permissions(&scene.config, fs::Permissions::from_mode(0o666)).unwrap();
    let inode = fs::metadata(&scene.config).unwrap().ino();
    let (code, err) = scene.add();
    assert_eq!(code, 4, "{err}");
    assert!(err.contains(scene.config.to_str().unwrap()), "{err}");
    assert!(err.contains("hint: "), "{err}");
    assert_eq!(fs::read_to_string(&scene.config).unwrap(), TEXT);
    assert_eq!(fs::metadata(&scene.config).unwrap().ino(), inode);
    assert_eq!(listing(&scene.dir), ["config.toml"]);
}

#[test]
fn a_link_to_a_place_that_cannot_be_written_names_that_place() {
    let Some(scene) = Scene::new() else { return };
    let store = scene.sb.path("managed");
    fs::create_dir(&store).unwrap();
    let real = store.join("dctx.toml");
    fs::rename(&scene.config, &real).unwrap();
    std::os::unix::fs::symlink(&real, &scene.config).unwrap();
    of_root(&real, 0o444);
    of_root(&store, 0o755);
    let (code, err) = scene.add();
    assert_eq!(code, 4, "{err}");
    assert!(err.contains(real.to_str().unwrap()), "{err}");
    assert_eq!(fs::read_to_string(&real).unwrap(), TEXT);
    assert_eq!(fs::read_link(&scene.config).unwrap(), real);
    assert_eq!(listing(&store), ["dctx.toml"]);
}

#[test]
fn without_a_state_directory_the_change_is_made_and_told() {
    let Some(scene) = Scene::new() else { return };
    of_root(&scene.sb.state().join("dctx"), 0o755);
    let (code, err) = scene.add();
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("without a lock"), "{err}");
    assert_eq!(names(&fs::read_to_string(&scene.config).unwrap()), ["new"]);
    assert_eq!(listing(&scene.dir), ["config.toml"]);
}

#[test]
fn a_file_of_somebody_else_opens_to_nobody_new() {
    // Group and mode before, mode after.
    for (group, before, after) in [
        (NOBODY, 0o664, 0o664),
        (GROUP, 0o664, 0o644),
        (GROUP, 0o660, 0o600),
        (GROUP, 0o606, 0o606),
    ] {
        let Some(scene) = Scene::new() else { return };
        let text = format!("{TEXT}[settings]\nstrict-modes = false\n");
        fs::write(&scene.config, &text).unwrap();
        fs::set_permissions(&scene.config, fs::Permissions::from_mode(before)).unwrap();
        // another user's is not followed at all, and left as it is
        chown(&scene.config, Some(SOMEBODY), Some(group)).unwrap();
        let (code, err) = scene.add();
        assert_eq!(code, 4, "{err}");
        assert_eq!(fs::read_to_string(&scene.config).unwrap(), text);
        assert_eq!(fs::metadata(&scene.config).unwrap().uid(), SOMEBODY);
        chown(&scene.config, Some(0), Some(group)).unwrap();
        let (code, err) = scene.add();
        if before & 0o004 == 0 && group == GROUP {
            // Not even readable.
            assert_eq!(code, 4, "{err}");
            assert_eq!(fs::read_to_string(&scene.config).unwrap(), text);
            continue;
        }
        assert_eq!(code, 0, "{err}");
        assert!(err.contains("now belongs to you"), "{err}");
        let meta = fs::metadata(&scene.config).unwrap();
        assert_eq!((meta.uid(), meta.gid()), (NOBODY, NOBODY));
        assert_eq!(meta.mode() & 0o777, after);
    }
}

/// What refuses is named with its owner and mode, and with the command that helps.
#[test]
fn who_has_what_cannot_be_read_or_written_is_said() {
    let Some(scene) = Scene::new() else { return };
    let shown = |path: &Path| path.display().to_string();
    let (config, dir) = (shown(&scene.config), shown(&scene.dir));
    let says = |code: i32, lines: &[String]| {
        let (got, err) = scene.add();
        assert_eq!(got, code, "{err}");
        lines.iter().for_each(|line| assert!(err.contains(line), "{line}\n{err}"));
    };
    of_root(&scene.config, 0o600);
    says(
        4,
        &[
            format!(
                "cannot read {config}: Permission denied: it belongs to root and has mode 0600\n"
            ),
            format!("hint: to make it yours: sudo chown {NOBODY} {config}\n"),
        ],
    );
    give(&scene.config);
    fs::set_permissions(&scene.config, fs::Permissions::from_mode(0o200)).unwrap();
    says(
        4,
        &[
            format!("cannot read {config}: Permission denied: it is yours, but has mode 0200\n"),
            format!("hint: to allow it to yourself: chmod u+r {config}\n"),
        ],
    );
    fs::set_permissions(&scene.config, fs::Permissions::from_mode(0o600)).unwrap();
    of_root(&scene.dir, 0o755);
    says(
        4,
        &[
            format!("Permission denied: the directory {dir} belongs to root and has mode 0755\n"),
            format!("hint: to make it yours: sudo chown {NOBODY} {dir}\n"),
        ],
    );
    give(&scene.dir);
    fs::set_permissions(&scene.dir, fs::Permissions::from_mode(0o500)).unwrap();
    says(
        4,
        &[
            format!("Permission denied: the directory {dir} is yours, but has mode 0500\n"),
            format!("hint: to allow it to yourself: chmod u+rwx {dir}\n"),
        ],
    );
    assert_eq!(fs::read_to_string(&scene.config).unwrap(), TEXT);
    // a state directory of root's: the change is made, and why it cannot be taken back is said
    fs::set_permissions(&scene.dir, fs::Permissions::from_mode(0o700)).unwrap();
    let state = scene.sb.state().join("dctx");
    fs::remove_dir_all(&state).unwrap();
    fs::create_dir(&state).unwrap();
    of_root(&state, 0o755);
    let state = shown(&state);
    says(
        0,
        &[
            format!("dctx undo cannot take it back: {state}"),
            "belongs to root and has mode 0755)\n".to_owned(),
            format!("hint: to make it yours: sudo chown {NOBODY} {state}\n"),
        ],
    );
}
