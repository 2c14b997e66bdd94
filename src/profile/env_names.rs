//! The variables that a profile may set with `env`, its own or one of a shared layer.
//!
//! Each name is here because of what it can do, and none by its beginning: tools add names of every kind. What is
//! kept out, whatever the tool: another endpoint or address (`BUILDKIT_HOST`, `TESTCONTAINERS_TC_HOST`,
//! `TESTCONTAINERS_HOST_OVERRIDE`, `TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE`), another registry or image, whose code is
//! run (`TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX`, `TESTCONTAINERS_*_CONTAINER_IMAGE`, `BUILDKIT_SYNTAX`), a class that is
//! loaded (`TESTCONTAINERS_IMAGE_SUBSTITUTOR`), files to read (`COMPOSE_FILE`, `COMPOSE_PATH_SEPARATOR`,
//! `COMPOSE_ENV_FILES`, `COMPOSE_DISABLE_ENV_FILE`, `DOCKER_CONFIG`), a weaker check (`DOCKER_CONTENT_TRUST`,
//! `COMPOSE_TLS_VERSION`), more rights (`TESTCONTAINERS_RYUK_CONTAINER_PRIVILEGED`), and what removes containers unasked
//! (`COMPOSE_REMOVE_ORPHANS`). `DOCKER_API_VERSION` has the key `api-version`.

/// The names, by tool and in the order of the alphabet.
pub const ENV_NAMES: [&str; 26] = [
    // Which of the user's own builders, by its name there: it is made and kept on this machine, by the user.
    "BUILDX_BUILDER",
    // How progress is shown. (docker buildx, moby/buildkit util/progress)
    "BUILDKIT_COLORS",
    "BUILDKIT_PROGRESS",
    "BUILDKIT_TTY_LOG_LINES",
    // How Compose shows its progress, and how much it does at a time.
    "COMPOSE_ANSI",
    "COMPOSE_HTTP_TIMEOUT",
    "COMPOSE_MENU",
    "COMPOSE_PARALLEL_LIMIT",
    "COMPOSE_PROGRESS",
    "COMPOSE_STATUS_STDOUT",
    // Which of the installed programs builds and attaches: docker's own plug-ins, or Compose itself.
    "COMPOSE_BAKE",
    "COMPOSE_DOCKER_CLI_BUILD",
    "COMPOSE_INTERACTIVE_NO_CLI",
    // How paths of Windows and names of containers are spelt.
    "COMPOSE_COMPATIBILITY",
    "COMPOSE_CONVERT_WINDOWS_PATHS",
    // No warning of containers of the project that its file does not have; they stay.
    "COMPOSE_IGNORE_ORPHANS",
    // Which services of the user's own file are meant, and what the project is called on the host.
    "COMPOSE_PROFILES",
    "COMPOSE_PROJECT_NAME",
    // The builder in dockerd or BuildKit, and for which platform.
    "DOCKER_BUILDKIT",
    "DOCKER_DEFAULT_PLATFORM",
    // Testcontainers: without its checks of the disk and the version at the start; containers that stay for the next run,
    // or are not cleared by a helper container, and how long that is waited for.
    "TESTCONTAINERS_CHECKS_DISABLE",
    "TESTCONTAINERS_REUSE_ENABLE",
    "TESTCONTAINERS_RYUK_CONNECTION_TIMEOUT",
    "TESTCONTAINERS_RYUK_DISABLED",
    "TESTCONTAINERS_RYUK_RECONNECTION_TIMEOUT",
    "TESTCONTAINERS_RYUK_VERBOSE",
];

/// Whether a profile may set this variable.
#[must_use]
pub fn env_allowed(name: &str) -> bool {
    ENV_NAMES.contains(&name)
}

/// Whether a value from before the first `use` may be given back to this variable: the names of [`ENV_NAMES`], and the
/// wider families that an earlier version of dctx let a profile set.
#[must_use]
pub fn env_restorable(name: &str) -> bool {
    let plain = |rest: &str| {
        !rest.is_empty()
            && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    let families = ["BUILDKIT_", "COMPOSE_", "TESTCONTAINERS_"];
    env_allowed(name) || families.iter().any(|family| name.strip_prefix(family).is_some_and(plain))
}
