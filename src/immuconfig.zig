//! The native core (docs/native.md): the record and its file as Zig programs use them, and the
//! root of the library and of the WebAssembly module. No libc, no allocation but for the list in
//! bundle/build/input_observer.zig.

const std = @import("std");

const file = @import("format/file.zig");
const header = @import("format/header.zig");
const record = @import("format/record.zig");

pub const features = @import("features.zig");
pub const registry = @import("registry.zig");
pub const terminal = @import("terminal.zig");

pub const crc64 = @import("base/crc64.zig");
pub const Fault = @import("format/fault.zig").Fault;
pub const Verdict = @import("format/fault.zig").Verdict;

pub const Fields = header.Fields;
pub const Header = header.Header;
pub const Settings = record.Settings;
pub const encode = header.encode;
pub const verify = file.verify;
pub const verifyRecord = record.verify;

/// A broken assertion is our own bug: stop at once. Without this the standard library's stack
/// traces would be most of the library.
pub const panic = std.debug.no_panic;

comptime {
    if (@import("root") == @This()) _ = @import("ffi/config.zig");
}

test {
    std.testing.refAllDecls(@This());
    _ = @import("ffi/config.zig");
    _ = @import("base/hash_vectors_test.zig");
    _ = @import("live/mapping.zig");
    _ = @import("bundle/source/fast_scan/fast_scan_test.zig");
    _ = @import("bundle/source/fast_scan/lexer_test.zig");
}
