//! Makes the JavaScript glue of a wasm file: `wasm FILE.wasm FOLDER NAME` writes `NAME.js`, `NAME.d.ts` and
//! `NAME_bg.wasm` into the folder.
//!
//! wasm-bindgen as a library instead of its command line: that takes minutes to install, and has to be of the same
//! version as the crate.

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [wasm, folder, name] = arguments.as_slice() else {
        eprintln!("usage: wasm FILE.wasm FOLDER NAME");
        return ExitCode::FAILURE;
    };
    let mut bindgen = Bindgen::new();
    // The glue is told where the wasm file is, so that bundlers find one place that names it, and not two.
    bindgen.input_path(wasm).out_name(name).typescript(true).omit_default_module_path(true);
    match bindgen.web(true).and_then(|bindgen| bindgen.generate(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:?}");
            ExitCode::FAILURE
        }
    }
}
