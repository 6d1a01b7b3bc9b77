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
    // Each file with tests: those of one that nothing here imports would not be run.
    _ = @import("base/bun_version.zig");
    _ = @import("base/crc64.zig");
    _ = @import("base/hash_vectors_test.zig");
    _ = @import("base/murmur3.zig");
    _ = @import("base/user_folders.zig");
    _ = @import("bundle/build/input_observer.zig");
    _ = @import("bundle/source/fast_scan/fast_scan_test.zig");
    _ = @import("bundle/source/fast_scan/lexer_test.zig");
    _ = @import("bundle/source/needles.zig");
    _ = @import("format/body.zig");
    _ = @import("format/cosignatures.zig");
    _ = @import("format/file.zig");
    _ = @import("format/flag_set.zig");
    _ = @import("format/flags.zig");
    _ = @import("format/meta.zig");
    _ = @import("format/record.zig");
    _ = @import("format/registry_url.zig");
    _ = @import("live/mapping.zig");
    _ = @import("native/core/process_record.zig");
    _ = @import("native/terminal.zig");
    _ = @import("runtime/environment.zig");
    _ = @import("runtime/pin.zig");
    _ = @import("runtime/program.zig");
    _ = @import("runtime/setter.zig");
    _ = @import("runtime/variables.zig");
    _ = @import("store/find.zig");
}
