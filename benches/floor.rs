//! What a Rust program costs that does nothing: the floor that `benches/hot` measures against. An example of
//! the package, so that it is built with the profile of the release.
#![allow(clippy::print_stdout, reason = "this is all it does")]

fn main() {
    println!("Hello, world!");
}
