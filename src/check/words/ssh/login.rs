//! Words for a login that failed: which key, which agent.

use super::{by_hand, command, who};
use crate::check::diagnosis::{Agent, Login};
use crate::check::words::Words;
use crate::check::words::with::With;
use crate::error::Hint;
use crate::tr;

pub(in crate::check::words) fn auth(with: &With<'_>) -> Words {
    let (lang, who) = (with.lang, who(with));
    match &with.facts.login {
        Some(Login::Passphrase(key, agent)) => {
            let file = key.display().to_string();
            let agent_words = agent_words(with, *agent);
            let cause = tr!(
                lang,
                "{who} accepts your key {file}, but the key has a passphrase, which docker cannot ask for, and {agent_words}",
                "{who} 接受你的密钥 {file}，但该密钥有口令，docker 无法询问，而{agent_words}"
            );
            let mut fixes = start(with, *agent);
            fixes.push(Hint::run(
                tr!(lang, "give the key to the agent", "把密钥加入 agent"),
                shell_words::join(["ssh-add", &file]),
            ));
            (cause, fixes)
        }
        Some(Login::AgentRefused) => {
            let cause = tr!(
                lang,
                "{who} accepts a key of your SSH agent, but the agent refused to use it: it asks for a confirmation or a touch that was not given, or the key is no longer valid there",
                "{who} 接受你的 SSH agent 中的密钥，但 agent 拒绝使用它：没有得到所需的确认或触碰，或密钥在 agent 中已失效"
            );
            let fixes = vec![
                Hint::run(tr!(lang, "see which keys it has", "查看其中的密钥"), "ssh-add -l"),
                Hint::run(
                    tr!(
                        lang,
                        "log in by hand, and answer what the agent asks",
                        "手动登录一次，并回应 agent 的询问"
                    ),
                    command(with, &["ssh"], &["true"]),
                ),
                Hint::say(tr!(
                    lang,
                    "or remove the key from the agent (ssh-add -d FILE) and add it again without -c (ssh-add FILE)",
                    "或从 agent 中移除该密钥（ssh-add -d FILE），再不带 -c 重新添加（ssh-add FILE）"
                )),
            ];
            (cause, fixes)
        }
        Some(Login::KeyOpen(key)) => {
            let file = key.display().to_string();
            let cause = tr!(
                lang,
                "others can read your key {file}, so ssh does not use it",
                "你的密钥 {file} 可被他人读取，因此 ssh 不使用它"
            );
            let say = tr!(lang, "let only you read it", "改为仅自己可读");
            (cause, vec![Hint::run(say, shell_words::join(["chmod", "600", &file]))])
        }
        Some(Login::NoKey(agent)) => {
            let agent_words = agent_words(with, *agent);
            let cause = tr!(
                lang,
                "there is no SSH key to log in to {who} with: none of the usual files in ~/.ssh, no IdentityFile, and {agent_words}",
                "没有可用于登录 {who} 的 SSH 密钥：~/.ssh 中没有常用的密钥文件，也没有 IdentityFile，而{agent_words}"
            );
            let mut fixes = match agent {
                Agent::Empty => vec![Hint::run(
                    tr!(
                        lang,
                        "add your key to the agent (or unlock it: ssh-add -X)",
                        "把密钥加入 agent（或解锁 agent：ssh-add -X）"
                    ),
                    "ssh-add FILE",
                )],
                _ => Vec::new(),
            };
            fixes.push(Hint::run(
                tr!(lang, "make a key if you have none", "没有密钥时先生成一个"),
                "ssh-keygen -t ed25519",
            ));
            fixes.push(copy(with));
            (cause, fixes)
        }
        Some(Login::NotAccepted(count, agent)) => {
            let keys = match count {
                1 => tr!(lang, "the SSH key that was offered", "所提供的 SSH 密钥"),
                _ => tr!(
                    lang,
                    "any of the {count} SSH keys that were offered",
                    "所提供的 {count} 个 SSH 密钥"
                ),
            };
            let agent_words = match agent {
                Agent::Keys => String::new(),
                _ => {
                    let words = agent_words(with, *agent);
                    tr!(lang, "; {words}", "；{words}")
                }
            };
            let cause = tr!(
                lang,
                "{who} does not accept {keys}{agent_words}",
                "{who} 不接受{keys}{agent_words}"
            );
            let mut fixes = vec![copy(with)];
            if with.facts.user.is_none() {
                fixes.push(Hint::say(tr!(
                    lang,
                    "or name the user to log in as: ssh://USER@HOST, or User in ~/.ssh/config",
                    "或指定登录用户：ssh://USER@HOST，或 ~/.ssh/config 中的 User"
                )));
            }
            fixes.push(Hint::run(
                tr!(lang, "see which keys are offered", "查看提供了哪些密钥"),
                command(with, &["ssh", "-v"], &["true"]),
            ));
            (cause, fixes)
        }
        Some(Login::TooManyKeys(count)) => {
            let host = with.host_word();
            let cause = tr!(
                lang,
                "ssh offered {count} keys, and {who} gave up before the right one (MaxAuthTries)",
                "ssh 提供了 {count} 个密钥，{who} 在轮到正确的密钥之前就放弃了（MaxAuthTries）"
            );
            let fixes = vec![
                Hint::say(tr!(
                    lang,
                    "say which key it is: below \"Host {host}\" in ~/.ssh/config write IdentityFile ~/.ssh/KEY and IdentitiesOnly yes",
                    "指定要用的密钥：在 ~/.ssh/config 的“Host {host}”下写入 IdentityFile ~/.ssh/KEY 和 IdentitiesOnly yes"
                )),
                Hint::run(
                    tr!(lang, "see which keys the agent holds", "查看 agent 中的密钥"),
                    "ssh-add -l",
                ),
            ];
            (cause, fixes)
        }
        Some(Login::NoKeysTaken(methods)) => {
            let cause = tr!(
                lang,
                "{who} asks for {methods}, and docker can only log in by key",
                "{who} 要求 {methods}，而 docker 只能用密钥登录"
            );
            let fixes = vec![
                Hint::say(tr!(
                    lang,
                    "on the host, allow keys in /etc/ssh/sshd_config (PubkeyAuthentication yes, and no further AuthenticationMethods for this user) and reload sshd",
                    "在主机的 /etc/ssh/sshd_config 中允许密钥登录（PubkeyAuthentication yes，且不对该用户要求其他 AuthenticationMethods），并重新加载 sshd"
                )),
                super::share(with),
            ];
            (cause, fixes)
        }
        None => unknown(with),
    }
}

/// Where nothing but docker's words is known.
fn unknown(with: &With<'_>) -> Words {
    let (lang, who, said) = (with.lang, who(with), with.said());
    let cause = tr!(
        lang,
        "{who} accepts none of your SSH keys (a key with a passphrase works only through an agent){said}",
        "{who} 不接受你的任何 SSH 密钥（有口令的密钥须先加入 agent）{said}"
    );
    let fixes = vec![
        Hint::run(tr!(lang, "give your key to the agent", "把密钥加入 agent"), "ssh-add"),
        copy(with),
        by_hand(with),
    ];
    (cause, fixes)
}

fn copy(with: &With<'_>) -> Hint {
    Hint::run(
        tr!(with.lang, "put your public key on the host, once", "把公钥放到主机上（一次即可）"),
        command(with, &["ssh-copy-id"], &[]),
    )
}

/// What is so of the agent, as the end of a sentence.
fn agent_words(with: &With<'_>, agent: Agent) -> String {
    let lang = with.lang;
    match agent {
        Agent::No => {
            tr!(lang, "no SSH agent is running in this shell", "当前 shell 没有 SSH agent")
        }
        Agent::Gone => tr!(
            lang,
            "no SSH agent answers at SSH_AUTH_SOCK",
            " SSH_AUTH_SOCK 所指的 SSH agent 没有应答"
        ),
        Agent::Empty => tr!(
            lang,
            "the SSH agent holds no keys, or is locked",
            " SSH agent 中没有密钥，或 agent 已锁定"
        ),
        Agent::Keys => {
            tr!(lang, "the SSH agent does not hold this key", " SSH agent 中没有这个密钥")
        }
    }
}

/// How to have an agent, where there is none.
fn start(with: &With<'_>, agent: Agent) -> Vec<Hint> {
    match agent {
        Agent::No | Agent::Gone => vec![Hint::run(
            tr!(with.lang, "start an agent for this shell", "为当前 shell 启动 agent"),
            "eval \"$(ssh-agent -s)\"",
        )],
        Agent::Empty | Agent::Keys => Vec::new(),
    }
}
