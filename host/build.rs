//! The program carries the SDK and the contract for plugin authors. The compiler
//! sees changes in the files it embedded; new ones only Cargo can see.

fn main() {
    for embedded in ["../sdk", "../wit"] {
        println!("cargo:rerun-if-changed={embedded}");
    }
}
