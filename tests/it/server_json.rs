//! daemon.json gets the keys it needs, and not one other byte of it changes.

use dctx::error::JsonFault;
use dctx::server::{ETC_DOCKER, Kind, Mode, Setup, json};
use proptest::prelude::*;
use serde_json::Value;

fn setup() -> Setup {
    Setup { name: "coreos".into(), mode: Mode::Tls, bind: None, port: 2376 }
}

fn merged(present: &str, kind: Kind) -> Result<String, JsonFault> {
    json::merged(Some(present), &setup(), kind, ETC_DOCKER, false).map(Option::unwrap)
}

const TLS: &str = "\"tlsverify\": true,\n  \"tlscacert\": \"/etc/docker/ca.pem\",\n  \"tlscert\": \"/etc/docker/server-cert.pem\",\n  \"tlskey\": \"/etc/docker/server-key.pem\"";
const HOSTS: &str = "\"hosts\": [\"unix:///var/run/docker.sock\", \"tcp://0.0.0.0:2376\"]";

#[test]
fn what_is_there_stays_where_it_is() {
    let one_line = TLS.replace("\n  ", " ");
    for (present, socket) in [
        ("", format!("{{\n  {TLS}\n}}\n")),
        (" \n", format!("{{\n  {TLS}\n}}\n")),
        ("{}", format!("{{\n  {TLS}\n}}")),
        ("{ }\n", format!("{{\n  {TLS}\n }}\n")),
        ("{\"a\":1}", format!("{{\"a\":1, {one_line}}}")),
        ("{\n  \"a\": 1.50,\n  \"a b\": {\"tlsverify\": 1, \"}\": \"\\\"]\"}\n}\n", format!("{{\n  \"a\": 1.50,\n  \"a b\": {{\"tlsverify\": 1, \"}}\": \"\\\"]\"}},\n  {TLS}\n}}\n")),
        // where the file has them, in its order; a value that is right keeps its form
        ("{\"tlsverify\" : true , \"x\": [ ], \"tlskey\":\"\\/etc/docker/server-key.pem\", \"tlscacert\": null, \"tlscert\": 7}",
         "{\"tlsverify\" : true , \"x\": [ ], \"tlskey\":\"\\/etc/docker/server-key.pem\", \"tlscacert\": \"/etc/docker/ca.pem\", \"tlscert\": \"/etc/docker/server-cert.pem\"}".to_owned()),
        ("{\r\n\t\"a\": 1\r\n}\r\n", format!("{{\r\n\t\"a\": 1,\r\n\t{}\r\n}}\r\n", TLS.replace("\n  ", "\r\n\t"))),
    ] {
        let got = merged(present, Kind::Socket).unwrap();
        assert_eq!(got, socket, "{present}");
        serde_json::from_str::<Value>(&got).unwrap();
        assert_eq!(merged(&got, Kind::Socket).unwrap(), got, "twice");
    }
    let fresh = merged("", Kind::Hosts).unwrap();
    assert_eq!(fresh, format!("{{\n  {TLS},\n  {HOSTS}\n}}\n"));
    assert_eq!(merged(&fresh, Kind::Hosts).unwrap(), fresh);
    let plain = Setup { mode: Mode::Plain, ..setup() };
    let plain = |present, kind| json::merged(Some(present), &plain, kind, ETC_DOCKER, false);
    assert_eq!(plain("", Kind::Socket), Ok(None));
    assert_eq!(plain("{\"a\": 1}", Kind::Socket), Ok(Some("{\"a\": 1}".into())));
    assert_eq!(plain("{\"tlsverify\": true}", Kind::Hosts), Err(JsonFault::Tls("tlsverify")));
}

#[test]
fn hosts_are_added_to_or_refused() {
    for (has, gets) in [
        ("[]", Some(HOSTS)),
        (
            "[\"unix:///run/d.sock\"]",
            Some("\"hosts\": [\"unix:///run/d.sock\", \"tcp://0.0.0.0:2376\"]"),
        ),
        ("[\"tcp://0.0.0.0:2376\"]", Some(HOSTS)),
        ("[\"tcp://0.0.0.0:2375\", \"unix:///var/run/docker.sock\"]", None),
        ("\"tcp://0.0.0.0:2376\"", None),
        ("[1]", None),
    ] {
        let present = format!("{{\"hosts\": {has}}}");
        match (merged(&present, Kind::Hosts), gets) {
            (Ok(got), Some(gets)) => assert!(got.starts_with(&format!("{{{gets}, ")), "{got}"),
            (Err(JsonFault::OtherHosts { wanted, .. }), None) => {
                assert_eq!(format!("\"hosts\": {wanted}"), HOSTS);
            }
            (got, _) => panic!("{has}: {got:?}"),
        }
        assert_eq!(merged(&present, Kind::Socket), Err(JsonFault::HostsAndFlag));
    }
}

#[test]
fn what_is_no_object_is_left_alone() {
    for (present, fault) in [
        ("[]", JsonFault::NoObject),
        ("{\n \"a\": }", JsonFault::Syntax { line: 2, column: 7 }),
        ("{\"a\": 1, \"\\u0061\": 2}", JsonFault::Twice("a".into())),
        ("{} {}", JsonFault::Syntax { line: 1, column: 4 }),
        ("\u{feff}{}", JsonFault::Syntax { line: 1, column: 1 }),
    ] {
        assert_eq!(merged(present, Kind::Socket), Err(fault), "{present:?}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
        "[\\]\\[{},:\"\\\\ ]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("\\PC{0,5}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever object there is: every other key keeps its value, ours have theirs, and doing it again changes nothing.
    #[test]
    fn every_other_key_stays(
        mut map in proptest::collection::btree_map("[a-z\"\\\\ {}]{0,6}", any_json(), 0..5),
        ours in any_json(), with in any::<bool>(), pretty in any::<bool>(), hosts in any::<bool>(),
    ) {
        map.remove("hosts");
        if with { map.insert("tlskey".into(), ours); }
        let object = Value::Object(map.into_iter().collect());
        let text = if pretty { serde_json::to_string_pretty(&object) } else { serde_json::to_string(&object) }.unwrap();
        let kind = if hosts { Kind::Hosts } else { Kind::Socket };
        let got = merged(&text, kind).unwrap();
        prop_assert_eq!(&merged(&got, kind).unwrap(), &got);
        let mut wanted = object.as_object().unwrap().clone();
        for (key, value) in json::keys(&setup(), kind, ETC_DOCKER) {
            wanted.insert(key.to_owned(), serde_json::from_str(&value).unwrap());
        }
        prop_assert_eq!(serde_json::from_str::<Value>(&got).unwrap(), Value::Object(wanted));
    }

    /// Bytes that are no daemon.json make no panic.
    #[test]
    fn nothing_panics(text in "[\\]\\[{}:,\" \\\\a1\n]{0,24}") {
        let _ = merged(&text, Kind::Hosts);
    }
}
