//! Anything that may come as a log; its first byte says how it is cut.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let [most, wire @ ..] = bytes {
        cchub::engine::fuzz::frames(wire, || usize::from(*most) + 1);
    }
});
