//! The C ABI (docs/native.md, "ABI"). Every pointer comes with a length or points at a struct of
//! src/native/abi.ts; null with a length above 0 is refused, never followed.

const builtin = @import("builtin");
const std = @import("std");
const crc64 = @import("../base/crc64.zig");
const file_module = @import("../format/file.zig");
const header_module = @import("../format/header.zig");
const input_observer = @import("../bundle/build/input_observer.zig");
const layout = @import("../format/generated/layout.zig");
const murmur3 = @import("../base/murmur3.zig").murmur3;
const start_calls = @import("start_calls.zig");
const fast_scan = @import("../bundle/source/fast_scan/fast_scan.zig");
const process_record = @import("../native/core/process_record.zig");
const record = @import("../format/record.zig");
const registry_url = @import("../format/registry_url.zig");
const struct_layout = @import("../base/struct_layout.zig");
const terminal = @import("../native/terminal.zig");
const Fault = layout.Fault;
const FlagSet = @import("../format/flag_set.zig").FlagSet;
const Verdict = @import("../format/fault.zig").Verdict;

/// WebAssembly has no memory but its own: callers copy their bytes in here.
const is_wasm = builtin.cpu.arch.isWasm();
const scratch_size = 64 * 1024;
var wasm_input: [if (is_wasm) file_module.size_max + 1 else 0]u8 = undefined;
var wasm_scratch: [if (is_wasm) scratch_size else 0]u8 align(8) = undefined;

comptime {
    struct_layout.check(fast_scan.Span, layout.source_span);
    struct_layout.check(fast_scan.Call, layout.source_call);
    if (is_wasm) {
        @export(&input, .{ .name = "immuconfig_input" });
        @export(&inputSize, .{ .name = "immuconfig_input_size" });
        @export(&scratch, .{ .name = "immuconfig_scratch" });
    } else {
        @export(&input_observer.beforeParse, .{ .name = "immuconfig_before_parse" });
        @export(&plugin_name, .{ .name = "BUN_PLUGIN_NAME" });
        // A test program has no Node-API.
        if (!builtin.is_test) {
            @export(&start_calls.register, .{ .name = "napi_register_module_v1" });
        }
        @export(&terminalSize, .{ .name = "immuconfig_terminal_size" });
        @export(&terminalInit, .{ .name = "immuconfig_terminal_init" });
        @export(&terminalPassOutput, .{ .name = "immuconfig_terminal_pass_output" });
        @export(&terminalRestore, .{ .name = "immuconfig_terminal_restore" });
    }
}

export fn immuconfig_abi_version() u32 {
    return layout.abi_version;
}

// Bytes.

export fn immuconfig_verify(bytes: ?[*]const u8, length: u32, out: *Verdict) u32 {
    const file = sliceOf(bytes, length) orelse return answer(.at(.argument, 0), out);
    return answer(file_module.verify(file).verdict, out);
}

export fn immuconfig_verify_record(bytes: ?[*]const u8, length: u32, out: *Verdict) u32 {
    const alone = sliceOf(bytes, length) orelse return answer(.at(.argument, 0), out);
    return answer(record.verify(alone), out);
}

/// Writes the 104 bytes of the header of an unsigned file whose body is given.
export fn immuconfig_encode(
    fields: *const header_module.Fields,
    body: ?[*]const u8,
    length: u32,
    out: *header_module.Header,
) u32 {
    const rest = sliceOf(body, length) orelse return @intFromEnum(Fault.argument);
    return @intFromEnum(header_module.encode(fields, rest, out));
}

export fn immuconfig_murmur3(bytes: ?[*]const u8, length: u32, seed: u32) u32 {
    return murmur3(sliceOf(bytes, length) orelse "", seed);
}

/// Goes on from the checksum in `crc`, which starts at 0, and leaves the new one there.
export fn immuconfig_crc64(bytes: ?[*]const u8, length: u32, crc: *u64) void {
    crc.* = crc64.extend(crc.*, sliceOf(bytes, length) orelse "");
}

/// Returns the length of the canonical URL in `out`, or a negative fault. `out` holds at least
/// `length` bytes.
export fn immuconfig_canonical_url(url: ?[*]const u8, length: u32, out: [*]u8) i32 {
    const text = sliceOf(url, length) orelse "";
    return switch (registry_url.canonical(text, out[0..length])) {
        .url => |canonical| @intCast(canonical.len),
        .fault => |fault| -@as(i32, @intCast(@intFromEnum(fault))),
    };
}

// Sources (src/bundle/source/fast_scan/fast_scan.zig).

/// Fills the import's place and up to `capacity` calls. Returns how many there are, or -1 when the
/// source must be parsed to be sure.
export fn immuconfig_fast_scan(
    text: ?[*]const u8,
    length: u32,
    typescript_only: bool,
    import: *fast_scan.Span,
    calls: [*]fast_scan.Call,
    capacity: u32,
) i32 {
    const source = sliceOf(text, length) orelse return -1;
    const uses = fast_scan.find(source, typescript_only, calls[0..capacity]) orelse return -1;
    import.* = uses.import;
    return @intCast(uses.calls.len);
}

// Bun's bundler (src/bundle/build/input_observer.zig), which takes native plugins from Node-API addons.

const plugin_name: [*:0]const u8 = "immuconfig";

// The process's own record (src/native/core/process_record.zig). Zeros until it is loaded.

export fn immuconfig_load(bytes: ?[*]const u8, length: u32, out: *Verdict) u32 {
    const file = sliceOf(bytes, length) orelse return answer(.at(.argument, 0), out);
    return answer(process_record.load(file), out);
}

/// The 104 bytes of the loaded header: constant after `immuconfig_load`, valid for ever.
export fn immuconfig_header() *const header_module.Header {
    return &process_record.header;
}

export fn immuconfig_version() u32 {
    return process_record.header.settings.config_version;
}

export fn immuconfig_generation() u32 {
    return process_record.header.generation;
}

/// The loaded record's flags, as words: flag n is bit `n % 32` of word `n / 32`. Constant and valid
/// as the header is.
export fn immuconfig_flags() *const FlagSet {
    return &process_record.flags;
}

/// False for a bit that no flag can have.
export fn immuconfig_feature(bit: u32) bool {
    return process_record.flags.isOn(bit);
}

/// 1 on, 0 off, -1 no such flag.
export fn immuconfig_feature_by_name(name: ?[*]const u8, length: u32) i32 {
    const on = process_record.isOnByName(sliceOf(name, length) orelse "") orelse return -1;
    return @intFromBool(on);
}

// Terminal.

fn terminalSize(fd: i32, out: *terminal.Size) callconv(.c) u32 {
    return @intFromEnum(terminal.size(fd, out));
}

fn terminalInit(
    fd: i32,
    mode: u32,
    rows: u32,
    cols: u32,
    saved: *terminal.Saved,
    out: *terminal.Size,
) callconv(.c) u32 {
    if (!record.isTerminalMode(mode)) return @intFromEnum(Fault.terminal_mode);
    if (rows > 255 or cols > 255) return @intFromEnum(Fault.argument);
    const wanted: terminal.Mode = @enumFromInt(mode);
    return @intFromEnum(terminal.init(fd, wanted, @intCast(rows), @intCast(cols), saved, out));
}

fn terminalPassOutput(fd: i32, saved: *terminal.Saved) callconv(.c) u32 {
    return @intFromEnum(terminal.passOutput(fd, saved));
}

fn terminalRestore(fd: i32, saved: *terminal.Saved) callconv(.c) u32 {
    return @intFromEnum(terminal.restore(fd, saved));
}

// WebAssembly's own memory.

fn input() callconv(.c) [*]u8 {
    return &wasm_input;
}

fn inputSize() callconv(.c) u32 {
    return wasm_input.len;
}

fn scratch() callconv(.c) [*]u8 {
    return &wasm_scratch;
}

fn answer(verdict: Verdict, out: *Verdict) u32 {
    out.* = verdict;
    return @intFromEnum(verdict.fault);
}

fn sliceOf(bytes: ?[*]const u8, length: u32) ?[]const u8 {
    if (length == 0) return "";
    return (bytes orelse return null)[0..length];
}
