//! What is said of this machine and this shell, in English and Chinese; one exhaustive match.

use super::note::{Left, Note};
use crate::error::{Lang, ProfileFault, reason};
use crate::tr;

impl Note {
    /// The words for it: one line, no full stop.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::Docker { path, version, others } => {
                let path = path.display();
                let mut text = format!("{path} {version}");
                if !others.is_empty() {
                    let others: Vec<_> = others.iter().map(|o| o.display().to_string()).collect();
                    let others = others.join(", ");
                    text.push_str(&tr!(lang, "; it hides {others}", "；它遮蔽了 {others}"));
                }
                text
            }
            Self::NoDocker => tr!(
                lang,
                "there is no docker client on PATH; dctx and other clients work without it",
                "PATH 中没有 docker 客户端；dctx 和其他客户端不需要它"
            ),
            Self::DockerSilent { path } => {
                let path = path.display();
                tr!(lang, "{path} does not say its version", "{path} 没有说明自己的版本")
            }
            Self::Ssh { path } => path.display().to_string(),
            Self::NoSsh => tr!(
                lang,
                "there is no ssh on PATH, and a profile needs it",
                "PATH 中没有 ssh，而有主机配置需要它"
            ),
            Self::Store { file, profiles, mode, shadowed } => {
                let mut text = match profiles {
                    1 => tr!(lang, "{file}, 1 profile", "{file}，1 个主机配置"),
                    n => tr!(lang, "{file}, {n} profiles", "{file}，{n} 个主机配置"),
                };
                if let Some(mode) = mode {
                    let mode = mode & 0o7777;
                    text.push_str(&tr!(lang, ", mode {mode:04o}", "，权限 {mode:04o}"));
                }
                if *shadowed > 0 {
                    text.push_str(&tr!(
                        lang,
                        ", {shadowed} shadowed (dctx ls -l)",
                        "，{shadowed} 个被遮蔽（dctx ls -l）"
                    ));
                }
                text
            }
            Self::NoProfiles { file } => {
                tr!(lang, "no profiles yet in {file}", "{file} 中还没有主机配置")
            }
            Self::StoreOpen { path, mode } => {
                let (path, mode) = (path.display(), mode & 0o7777);
                tr!(
                    lang,
                    "others can write {path} (mode {mode:04o}): they could send you to another host",
                    "{path} 可被他人写入（权限 {mode:04o}）：他人可以把你引到别的主机"
                )
            }
            Self::Broken { names } => {
                let list = names.join(", ");
                match names.len() {
                    1 => tr!(lang, "{list} is not valid", "{list} 无效"),
                    _ => tr!(lang, "not valid: {list}", "无效：{list}"),
                }
            }
            Self::Sudo { user, file } => tr!(
                lang,
                "under sudo the profiles are those of {file}, not {user}'s own",
                "在 sudo 之下使用的是 {file} 中的主机配置，而不是 {user} 自己的"
            ),
            Self::Shell { name, hooked, guessed, .. } => {
                let mut text = match hooked {
                    true => tr!(lang, "{name}, with the hook", "{name}，已装钩子"),
                    false => tr!(lang, "{name}, without the hook", "{name}，未装钩子"),
                };
                if *guessed {
                    text.push_str(&tr!(lang, " (a guess from $SHELL)", "（根据 $SHELL 猜测）"));
                }
                text
            }
            Self::HookLost { var, now, by, .. } => {
                let by = by.as_ref().map(|(path, line)| format!("{}:{line}", path.display()));
                let by = match by {
                    Some(place) => tr!(lang, "{place} assigns {var}", "{place} 给 {var} 赋了值"),
                    None => tr!(lang, "{var} was assigned", "{var} 被重新赋值"),
                };
                let now: String = now.chars().take(80).collect();
                let now = match now.is_empty() {
                    true => String::new(),
                    false => tr!(lang, " (it is now: {now})", "（现在是：{now}）"),
                };
                tr!(
                    lang,
                    "the hook does not run any more: {by} after dctx init{now}; a limited use does not end by itself, and directories do not switch profiles",
                    "钩子已不再运行：{by}，在 dctx init 之后{now}；限时使用不会自动结束，目录也不会切换"
                )
            }
            Self::NoShell => tr!(
                lang,
                "no shell that dctx knows was found; set DCTX_SHELL to its name",
                "没有找到 dctx 认识的 shell；请用 DCTX_SHELL 指定"
            ),
            Self::Hidden { var, universal, global } => match global.as_str() {
                "" => tr!(
                    lang,
                    "fish's universal {var}={universal} is hidden by an empty global one",
                    "fish 的通用变量 {var}={universal} 被空的全局变量遮蔽"
                ),
                _ => tr!(
                    lang,
                    "fish's universal {var}={universal} is hidden by a global one ({global})",
                    "fish 的通用变量 {var}={universal} 被全局变量（{global}）遮蔽"
                ),
            },
            Self::TlsAlone { var, value, .. } => tr!(
                lang,
                "{var}={value} with no DOCKER_HOST sends docker to tcp://localhost:2376, not to the local socket",
                "{var}={value} 而没有 DOCKER_HOST：docker 会连接 tcp://localhost:2376，而不是本地套接字"
            ),
            Self::TlsVerify { value, .. } => match value.as_str() {
                "" => tr!(
                    lang,
                    "DOCKER_TLS_VERIFY is set and empty: off for docker, on for clients that only check whether it is set",
                    "DOCKER_TLS_VERIFY 已设置但为空：docker 视为关闭，而只看变量是否存在的客户端视为开启"
                ),
                "0" | "false" | "no" | "off" => tr!(
                    lang,
                    "DOCKER_TLS_VERIFY={value} turns TLS ON in docker; plain hosts need it unset",
                    "DOCKER_TLS_VERIFY={value} 会让 docker 开启 TLS；对明文主机必须取消设置"
                ),
                _ => tr!(
                    lang,
                    "DOCKER_TLS_VERIFY={value} turns TLS on in docker but not in every client; 1 works in all of them",
                    "DOCKER_TLS_VERIFY={value} 对 docker 是开启 TLS，对有些客户端不是；1 对所有客户端有效"
                ),
            },
            Self::TlsUnverified { value, .. } => tr!(
                lang,
                "DOCKER_TLS={value} makes docker use TLS without verifying the server, whatever its value",
                "DOCKER_TLS={value} 会让 docker 使用 TLS 但不验证服务器，不论其值是什么"
            ),
            Self::CertPathAlone { value, .. } => tr!(
                lang,
                "DOCKER_CERT_PATH={value} with TLS off: docker ignores it, docker-py and Go programs take it for https without verification",
                "DOCKER_CERT_PATH={value} 而 TLS 未开启：docker 会忽略它，docker-py 和 Go 程序则会改用不作验证的 https"
            ),
            Self::ApiVersion { value, .. } => tr!(
                lang,
                "DOCKER_API_VERSION={value} is not a version such as 1.41; docker 29 crashes on it",
                "DOCKER_API_VERSION={value} 不是 1.41 这样的版本号；docker 29 会因此崩溃"
            ),
            Self::MachineName { value, .. } => tr!(
                lang,
                "prompts show DOCKER_MACHINE_NAME={value}, but docker does not connect to that machine",
                "提示符显示的是 DOCKER_MACHINE_NAME={value}，而 docker 并不连接它"
            ),
            Self::CertPathUnset { dir, .. } => {
                let dir = dir.display();
                tr!(
                    lang,
                    "TLS is on and DOCKER_CERT_PATH is not set: docker reads the certificates in {dir}, Go programs connect without TLS, and Node programs connect without these certificates",
                    "已开启 TLS 而未设置 DOCKER_CERT_PATH：docker 读取 {dir} 中的证书，Go 程序则不使用 TLS，Node 程序不使用这些证书"
                )
            }
            Self::MachineGone { name, dir, .. } => {
                let dir = dir.display();
                tr!(
                    lang,
                    "the variables are left over from docker-machine: DOCKER_MACHINE_NAME={name}, and there is no machine in {dir}",
                    "变量是 docker-machine 遗留的：DOCKER_MACHINE_NAME={name}，而 {dir} 中没有这台机器"
                )
            }
            Self::MachineOther { name, var, value, has, .. } => tr!(
                lang,
                "DOCKER_MACHINE_NAME={name} and {var}={value} are of different machines: docker-machine has {has} for {name}",
                "DOCKER_MACHINE_NAME={name} 与 {var}={value} 属于不同的机器：docker-machine 中 {name} 的值为 {has}"
            ),
            Self::Changed { profile } => tr!(
                lang,
                "the variables have been changed since dctx use {profile}",
                "变量在 dctx use {profile} 之后被改过"
            ),
            Self::CertDirGone { path, .. } => {
                let path = path.display();
                tr!(
                    lang,
                    "DOCKER_CERT_PATH names {path}, which does not exist",
                    "DOCKER_CERT_PATH 指向的 {path} 已不存在"
                )
            }
            Self::HostMisread { value, fault, .. } => {
                let fault = ProfileFault::Endpoint {
                    input: value.clone(),
                    fault: fault.clone(),
                    write: None,
                };
                let why = fault.message(lang);
                tr!(lang, "docker misreads DOCKER_HOST: {why}", "docker 会误读 DOCKER_HOST：{why}")
            }
            Self::HostPort { value, .. } => tr!(
                lang,
                "DOCKER_HOST={value} has no port: docker takes 2375 even with TLS on",
                "DOCKER_HOST={value} 没有端口：即使开启了 TLS，docker 也会用 2375"
            ),
            Self::HostLoose { value, write } => tr!(
                lang,
                "docker reads DOCKER_HOST={value} as {write}; other clients do not",
                "docker 把 DOCKER_HOST={value} 读作 {write}；其他客户端不会"
            ),
            Self::ContextHidden { name, by_variable: true, .. } => tr!(
                lang,
                "DOCKER_CONTEXT={name} is ignored: DOCKER_HOST takes precedence",
                "DOCKER_CONTEXT={name} 被忽略：DOCKER_HOST 优先"
            ),
            Self::ContextHidden { name, .. } => tr!(
                lang,
                "docker's current context is {name}, but DOCKER_HOST takes precedence",
                "docker 的当前 context 是 {name}；DOCKER_HOST 优先"
            ),
            Self::ContextRemote { name, endpoint } => tr!(
                lang,
                "nothing is set here, and docker goes to {endpoint}: its current context is {name}",
                "此处什么都没有设置，而 docker 会连接 {endpoint}：它的当前 context 是 {name}"
            ),
            Self::ConfigBroken { path } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path} is not JSON: docker warns each time, and forgets its context and logins",
                    "{path} 不是 JSON：docker 每次都会警告，并且不记得 context 和登录"
                )
            }
            Self::Overrides { path, key, value } => {
                let path = path.display();
                tr!(
                    lang,
                    "{path} has {key}={value}, which takes precedence over the environment in that library",
                    "{path} 中有 {key}={value}，在该库中优先于环境变量"
                )
            }
            Self::Proxied { var, proxy, host } => tr!(
                lang,
                "{var} sends docker to {host} through {proxy}, except exec, attach and build, which bypass it",
                "{var} 使 docker 经由 {proxy} 连接 {host}，而 exec、attach 和 build 会绕过它"
            ),
            Self::AllProxy { var } => tr!(
                lang,
                "{var} is set and no HTTPS_PROXY or HTTP_PROXY: docker does not read it",
                "设置了 {var} 而没有 HTTPS_PROXY 或 HTTP_PROXY：docker 不读取它"
            ),
            Self::Offline => tr!(lang, "not connected to (--offline)", "未连接（--offline）"),
            Self::Mended { path, was, now } => {
                let (path, was, now) = (path.display(), was & 0o7777, now & 0o7777);
                tr!(
                    lang,
                    "{path}: mode {was:04o}, now {now:04o}",
                    "{path}：权限 {was:04o}，现为 {now:04o}"
                )
            }
            Self::LeftAlone { path, why } => {
                let path = path.display();
                match why {
                    Left::Layer(layer) => {
                        let layer = layer.display();
                        tr!(
                            lang,
                            "{path} is left as it is: --fix changes nothing that a shared file ({layer}) names",
                            "{path} 保持不变：--fix 不修改共享文件（{layer}）所指定的文件"
                        )
                    }
                    Left::NoPem => tr!(
                        lang,
                        "{path} is left as it is: it is neither a key nor a certificate",
                        "{path} 保持不变：它既不是私钥也不是证书"
                    ),
                    Left::MixedDirectory => tr!(
                        lang,
                        "{path} is left as it is: there is more in it than keys and certificates",
                        "{path} 保持不变：其中不只有私钥和证书"
                    ),
                }
            }
            Self::NotMended { path, why } => {
                let (path, why) = (path.display(), reason(&(*why).into(), lang));
                tr!(
                    lang,
                    "the mode of {path} could not be changed: {why}",
                    "无法修改 {path} 的权限：{why}"
                )
            }
        }
    }
}
