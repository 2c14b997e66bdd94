//! What `docker-machine env` left behind: it names a machine, its address and the directory of its certificates
//! (docker-machine `commands/env.go`), and none of them ends with the machine.

use std::path::{Path, PathBuf};

use super::note::Note;
use super::{Machine, Out};

/// The most of a machine's config.json that is read, in bytes.
const MOST: u64 = 1 << 20;

/// What is read of `machines/NAME/config.json` (docker-machine libmachine `host.Host`).
#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    driver: Driver,
}

#[derive(serde::Deserialize)]
struct Driver {
    #[serde(rename = "IPAddress", default)]
    address: String,
}

/// Holds the variables against what docker-machine has under the name `name`, with DOCKER_HOST set and no profile in
/// force.
pub(super) fn look(machine: &Machine<'_>, name: String, out: &mut Out) {
    let Some(dir) = machines(machine) else { return };
    let unset = (machine.unset)("DOCKER_MACHINE_NAME");
    let own = dir.join(&name);
    // A name is one of a directory there.
    let is_name = Path::new(&name).components().count() == 1 && !name.starts_with('.');
    if !is_name || !own.exists() {
        return out.warn("env", Note::MachineGone { name, dir, unset });
    }
    if let Some(value) = machine.filled("DOCKER_CERT_PATH") {
        let path = Path::new(&value);
        let other = path.parent() == Some(&dir) && path != own;
        if other {
            let has = own.display().to_string();
            let var = "DOCKER_CERT_PATH";
            return out.warn("env", Note::MachineOther { name, var, value, has, unset });
        }
    }
    let config = crate::file::text(&own.join("config.json"), MOST).ok();
    let config = config.and_then(|text| serde_json::from_str::<Config>(&text).ok());
    let Some(address) = config.map(|config| config.driver.address).filter(|at| !at.is_empty())
    else {
        return;
    };
    let value = machine.filled("DOCKER_HOST").unwrap_or_default();
    let rest = value.split_once("://").map_or(value.as_str(), |(_, rest)| rest);
    let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
    if host.trim_matches(['[', ']']) != address {
        let (var, has) = ("DOCKER_HOST", address);
        out.warn("env", Note::MachineOther { name, var, value, has, unset });
    }
}

/// Where docker-machine keeps its machines.
fn machines(machine: &Machine<'_>) -> Option<PathBuf> {
    let named = machine.env.filled("MACHINE_STORAGE_PATH").map(PathBuf::from);
    let base = named.or_else(|| Some(machine.env.home()?.join(".docker/machine")))?;
    Some(base.join("machines"))
}
