//! Anything that may come as JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for text in cchub::engine::fuzz::answers(bytes) {
        cchub::fuzz::assert_nothing_forbidden(&text);
    }
});
