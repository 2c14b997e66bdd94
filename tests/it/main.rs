//! One test binary; each module below is one promise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it skips"
)]

mod article; // what the article takes sixty lines of openssl for is done in one, and the real daemon and client agree
mod broken_file; // what people do to the profile file by hand is told in words of ours, all at once, with what to write
mod cert_adopt; // a CA of openssl, cfssl or docker's documents signs, whatever form its key is in; one that cannot says why
mod cert_files; // what is said of certificate files is what docker makes of them, and nothing that they hold makes us panic
mod cert_hints; // from every state of certificates every refused command leads along its hints to one that works
mod cert_keyring; // what `cert` puts into the keyring is right, never was in a file, and is taken out again where the command fails
mod cert_kill; // a `cert …` that is killed leaves a whole set or none, and the next run clears up or finishes
mod cert_life; // certificates by the real daemon from the first to the last day: handed out, renewed by all, rotated, revoked, expired
mod cert_make; // certificates are right in the eyes of others, in place whole, with their modes from the first instant
mod cert_renew; // certificates are renewed whole, with the keys and names they had, and a CA is changed in steps
mod cert_share; // certificates reach others in one file, and what others made is taken over
mod cert_told; // certificate files are found and told by what they are, and refused where docker would refuse them
mod cert_wire; // the real daemon lets in whom it should, and nobody else: by a CA, pinned, revoked, rotated
mod chains; // the judge of certificates agrees with docker's client on every recorded chain: yes or no, why, and the words
mod changing; // profiles are changed, renamed, removed and brought back as asked, or not at all
mod check; // `check` says what is wrong with a host, what to type, and whether it got better; to programs in one JSON object
mod check_fix; // `check --fix` changes modes of keys and certificates of one's own, and of no other file, whoever names it
mod check_fleet; // many hosts at once: all results, in order, whoever hangs; the terminal is left clean
mod check_machine; // `check` finds what is odd about this machine and this shell, and nothing where nothing is
mod check_others; // what docker takes and other programs do not is found, in files, environment and versions
mod clients; // which of docker's clients work with a profile is as the clients themselves have it
mod completions; // what completes is right in the real shells, and is never run; what is checked in is current
mod completions_more; // elvish, nu, xonsh and PowerShell complete what bash, zsh and fish do
mod current; // `current` says where docker goes from here and why, and the real client agrees
mod detect; // the shell that called is found among the ancestors, and none is mistaken
mod diagnoses; // every diagnosis has a cause and a way out in both languages, and advises only what can be typed
mod dirs; // a directory leads where a person could have gone unasked, and nowhere else
mod docker; // the real docker client agrees: it reaches the daemon in every TLS mode, and refuses where it must
mod dollar_paren; // whatever stands in `$(…)`, only a `use` or `reset` that worked evaluates to a success; data stays data
mod editing; // what a person types in an editor is checked, saved whole, or kept
mod emitted; // what each emitter writes, byte for byte, and that data reads back
mod exec; // a command runs in exactly the environment of `use`, with its own arguments, status and signals
mod explain; // docker's own words, and those of other clients, lead to the right diagnosis, and other words to none
mod explain_command; // `dctx explain` reads what is given, names the profile it is about, and is made more exact by files alone
mod explain_families; // error texts of public reports and of each client are told right or not at all, also in noise
mod explain_sides; // every fix is for the machine that the words are about, and in the shell that asked
mod failing; // after a failure `$?` tells, `&&` and `set -e` stop, and nothing has changed
mod fish; // fish's scopes: a change is true here at once, in new shells, and nowhere else
mod fish_use; // use and reset in fish: universal by default, right in every state, for running and for new shells
mod given_back; // reset leaves the remote host whatever was there before, and says what a shell cannot be given back
mod guards; // a protected profile asks for its name, and keys and CAs that others reach are refused
mod hints; // every error speaks both languages, and every command it advises is one that dctx takes
mod hook; // with the init script plain use and reset act on the shell, and nothing else changes
mod hook_lost; // a hook that does not run any more is not relied on, what took its place is told, and a time that is over says so
mod hostile; // the round trip holds in any locale, under any option, and without quotes
mod hosts; // every host address is read as docker reads it, or refused with the form to write
mod hotpath; // the commands a shell evaluates start nothing, reach nobody, and read a command line as clap does
mod i18n; // the language follows the environment; data, codes and JSON do not
mod in_force; // where docker goes is judged once, and the real client agrees, whatever is set; only this machine's sockets are local docker
mod in_force_shells; // what a prompt shows is so: a question mark where the variables are not those of `use`, in every shell with a hook
mod inherited; // no variable of dctx's own that was inherited or made up makes a success of a command that did nothing
mod key_bytes; // no piece of a private key is printed or gets into a file that others can read, whatever has become of it
mod lab; // every diagnosis is made for real, and docker's words, check and explain agree; a hostile server harms nobody
mod layers; // shared profiles are read in order, change nothing, and are not changed unnoticed
mod listing; // ls and show say everything there is, aligned in any script, and go on past what is broken
mod models; // what shells that have no program here are given says what was meant, by a model of how they read
mod parsing; // a profile file that is wrong says where, and one wrong profile leaves the others alone
mod picker; // without a name one is picked on the terminal, which is as it was afterwards; nothing else is touched
mod picker_rows; // what the picker offers: the order, where the mark begins, and lines that fit any terminal
mod probe; // an endpoint is found out for what it is, in bounded time and memory, and an unknown server is shown nothing
mod profiles; // profiles are added as asked, or not at all, and `use` sets what they say
mod prompt; // at the prompt a host is in sight: uses end, directories switch and go back, a choice for every shell reaches it
mod prompt_forks; // the hook starts no process at a prompt, and one at a change of directory only where profiles have some
mod readme; // what the READMEs show and list is so
mod rooms; // the rooms of the house import only what they may
mod roundtrip; // every value a shell can hold arrives byte for byte, and never runs
mod scanning; // finding one profile without reading the others says what reading everything says, or nothing
mod scopes; // by a model: every sequence of use, reset, directories, shells and changes by hand keeps what is promised
mod scopes_shells; // real shells go where that model goes, after every step: environment, prompt, star, `current` and the real client
mod secret_file; // a key file with a passphrase is opened by that alone; a program that prints a key is told what was wrong with it
mod secret_hold; // a key stands in private memory as long as a shell uses it and not longer, whatever is killed, and is nowhere else
mod secret_keyring; // a key in the keyring is the one that was in its file and comes back; a keyring that cannot be asked is one sentence in bounded time
mod server; // `server` writes and says what a host needs, refuses what is not fit for it, and lets no key out
mod server_hosts; // each kind of host gets what it needs where it needs it, or is told why not before anything is changed
mod server_json; // daemon.json gets the keys it needs, and not one other byte of it changes
mod server_real; // the real dockerd, and the real systemd, do with what is installed what is promised
mod server_script; // the script installs by what it finds, twice without harm, and takes back all of it, also where anything fails
mod server_take_over; // a host that was set up by hand is taken over when that is asked for, and undo brings back every byte
mod server_words; // install.sh speaks the language of the dctx that wrote it, and does the same in both
mod shared; // a shared profile that has changed asks first, whatever changed, and is accepted as it is now alone
mod sockets; // a socket that is not docker's own is called one, and `check` names the machine behind it
mod special_files; // behind every path that is read there may be a pipe, a device, a socket or a gigabyte: none is waited for or read whole
mod ssh_check; // `check` of an ssh profile says which key, which agent, which limit of sshd is in the way
mod store_damage; // whatever a damaged profile file holds, it is told by line and column, nothing panics, and reset works
mod store_disk; // full, read-only and busy disks: what was there stays, and the error says which file and why
mod store_document; // edits of the profile file change what they are about and not one byte else
mod store_history; // every change can be taken back, once and exactly
mod store_kill; // a writer that is killed, or that the system fails, at any point leaves the old file or the new one
mod store_links; // links are followed to the real file, and stay what they are
mod store_many; // many at once: no writer's change is lost, and no reader ever sees half a file
mod store_model; // any sequence of changes does what it says: the file is compared with a model after each
mod store_owner; // files and directories that belong to somebody else: refused whole, or changed with a word about it
mod store_race; // an editor that saves while dctx writes loses nothing, at whatever moment it saves
mod store_write; // the writer replaces the right file, keeps its mode, and touches nothing when it cannot
mod subshell; // a sub-shell is on its profile, is otherwise the shell that they know, and leaves the one before as it was
mod support; // sandboxes, real programs, certificates, a real daemon
mod switch; // use A, use B, reset: the environment is exact after every step, from every former state
mod table; // one table of every shell and what has to be right in it; what is not run is named
mod terms; // messages, help and README use one word for one thing, and plain ones
mod trusted; // a profile file that another user can write is not followed, and what a secret is in goes into no core dump
mod two_commands; // the README's two commands find what they need, and count what they did not test
mod universal; // a choice for every shell is one choice, whole, the same for all, as it was confirmed
mod usage; // what people type is answered with the whole command that they meant; help is whole in both languages
mod verify; // of every odd certificate we say what the real docker client says, and which one is at fault
mod visible; // a failure is visible: a failing statement, a status, and nothing changed

use std::collections::BTreeSet;
use std::path::Path;

/// A file that is not listed above would compile nowhere and fail never.
#[test]
fn every_file_is_listed() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let files: BTreeSet<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|ext| ext == "rs"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "main")
        .collect();
    let listed: BTreeSet<String> = include_str!("main.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.split_once("; // "))
        .inspect(|(name, promise)| assert!(!promise.trim().is_empty(), "{name} promises nothing"))
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(files, listed, "left: files in tests/it, right: `mod name; // promise` in main.rs");
}
