//! Anything a container may print, through the sanitiser.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cchub::fuzz::sanitise(bytes));
