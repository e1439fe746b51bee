//! Gives the shared library its SONAME, so that a program keeps to the version of the interface it was linked with.

fn main() -> Result<(), &'static str> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/module.rs");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let elf = variable("CARGO_CFG_TARGET_FAMILY") == "unix" && variable("CARGO_CFG_TARGET_VENDOR") != "apple";
    if elf {
        let source = include_str!("src/module.rs");
        let (_, rest) = source.split_once("HEIJUNKA_ABI_VERSION: u32 = ").ok_or("no HEIJUNKA_ABI_VERSION")?;
        let version: String = rest.chars().take_while(char::is_ascii_digit).collect();
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libheijunka.so.{version}");
    }
    Ok(())
}
