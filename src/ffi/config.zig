//! The C ABI (docs/native.md, "ABI"). Every pointer comes with a length or points at a struct of
//! `src/format/generated/layout.ts`; null with a length above 0 is refused, never followed.

const builtin = @import("builtin");
const std = @import("std");
const immuconfig = @import("../immuconfig.zig");
const bundler_inputs = immuconfig.bundler_inputs;
const loaded = @import("../native/core/process_record.zig");
const node_api = @import("../native/addon.zig");
const Fault = immuconfig.fault.Fault;
const Verdict = immuconfig.fault.Verdict;
const live_map = immuconfig.live_map;
const plain_source = immuconfig.plain_source;
const terminal = immuconfig.terminal;

/// WebAssembly has no memory but its own: callers copy their bytes in here.
const is_wasm = builtin.cpu.arch.isWasm();
const scratch_size = 64 * 1024;
var wasm_input: [if (is_wasm) immuconfig.file_size_max + 1 else 0]u8 = undefined;
var wasm_scratch: [if (is_wasm) scratch_size else 0]u8 align(8) = undefined;

comptime {
    if (is_wasm) {
        @export(&input, .{ .name = "immuconfig_input" });
        @export(&inputSize, .{ .name = "immuconfig_input_size" });
        @export(&scratch, .{ .name = "immuconfig_scratch" });
    } else {
        @export(&bundler_inputs.beforeParse, .{ .name = "immuconfig_before_parse" });
        @export(&plugin_name, .{ .name = "BUN_PLUGIN_NAME" });
        // Windows has no view (src/store/find.zig), and a test program no Node-API.
        if (builtin.os.tag != .windows and !builtin.is_test) {
            @export(&node_api.register, .{ .name = "napi_register_module_v1" });
        }
        @export(&liveMap, .{ .name = "immuconfig_live_map" });
        @export(&liveUnmap, .{ .name = "immuconfig_live_unmap" });
        @export(&terminalSize, .{ .name = "immuconfig_terminal_size" });
        @export(&terminalInit, .{ .name = "immuconfig_terminal_init" });
        @export(&terminalRestore, .{ .name = "immuconfig_terminal_restore" });
    }
}

export fn immuconfig_abi_version() u32 {
    return immuconfig.abi_version;
}

// Bytes.

export fn immuconfig_verify(bytes: ?[*]const u8, length: u32, out: *Verdict) u32 {
    const file = sliceOf(bytes, length) orelse return answer(.at(.argument, 0), out);
    return answer(immuconfig.verify(file).verdict, out);
}

export fn immuconfig_verify_record(bytes: ?[*]const u8, length: u32, out: *Verdict) u32 {
    const record = sliceOf(bytes, length) orelse return answer(.at(.argument, 0), out);
    return answer(immuconfig.verifyRecord(record), out);
}

/// Writes the 104 bytes of the header of an unsigned file whose body is given.
export fn immuconfig_encode(
    fields: *const immuconfig.Fields,
    body: ?[*]const u8,
    length: u32,
    out: *immuconfig.Header,
) u32 {
    const rest = sliceOf(body, length) orelse return @intFromEnum(Fault.argument);
    return @intFromEnum(immuconfig.encode(fields, rest, out));
}

export fn immuconfig_murmur3(bytes: ?[*]const u8, length: u32, seed: u32) u32 {
    return immuconfig.registry.murmur3(sliceOf(bytes, length) orelse "", seed);
}

/// Goes on from the checksum in `crc`, which starts at 0, and leaves the new one there.
export fn immuconfig_crc64(bytes: ?[*]const u8, length: u32, crc: *u64) void {
    crc.* = immuconfig.crc64.extend(crc.*, sliceOf(bytes, length) orelse "");
}

/// Returns the length of the canonical URL in `out`, or a negative fault. `out` holds at least
/// `length` bytes.
export fn immuconfig_canonical_url(url: ?[*]const u8, length: u32, out: [*]u8) i32 {
    const text = sliceOf(url, length) orelse "";
    return switch (immuconfig.registry.canonical(text, out[0..length])) {
        .url => |canonical| @intCast(canonical.len),
        .fault => |fault| -@as(i32, @intCast(@intFromEnum(fault))),
    };
}

// Sources (src/bundle/source/fast_scan/plain_source.zig).

/// Fills the import's place and up to `capacity` calls. Returns how many there are, or -1 when the
/// source must be parsed to be sure.
export fn immuconfig_plain_source(
    text: ?[*]const u8,
    length: u32,
    typescript_only: bool,
    import: *plain_source.Span,
    calls: [*]plain_source.Call,
    capacity: u32,
) i32 {
    const source = sliceOf(text, length) orelse return -1;
    const uses = plain_source.find(source, typescript_only, calls[0..capacity]) orelse return -1;
    import.* = uses.import;
    return @intCast(uses.calls.len);
}

// Bun's bundler (src/bundle/build/input_observer.zig), which takes native plugins from Node-API addons.

const plugin_name: [*:0]const u8 = "immuconfig";

// The process's own record (src/native/core/process_record.zig). Zeros until it is loaded.

export fn immuconfig_load(bytes: ?[*]const u8, length: u32, out: *Verdict) u32 {
    const file = sliceOf(bytes, length) orelse return answer(.at(.argument, 0), out);
    return answer(loaded.load(file), out);
}

/// The 104 bytes of the loaded header: constant after `immuconfig_load`, valid for ever.
export fn immuconfig_header() *const immuconfig.Header {
    return &loaded.header;
}

export fn immuconfig_version() u32 {
    return loaded.header.settings.config_version;
}

export fn immuconfig_generation() u32 {
    return loaded.header.generation;
}

export fn immuconfig_flags() u32 {
    return loaded.header.settings.feature_flags;
}

export fn immuconfig_feature(mask: u32) bool {
    return immuconfig.features.isEnabled(loaded.header.settings.feature_flags, mask);
}

/// 1 on, 0 off, -1 no such flag.
export fn immuconfig_feature_by_name(name: ?[*]const u8, length: u32) i32 {
    const mask = loaded.maskOf(sliceOf(name, length) orelse "") orelse return -1;
    return @intFromBool(immuconfig_feature(mask));
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
    if (mode > immuconfig.terminal_mode_max) return @intFromEnum(Fault.terminal_mode);
    if (rows > 255 or cols > 255) return @intFromEnum(Fault.argument);
    const wanted: terminal.Mode = @enumFromInt(mode);
    return @intFromEnum(terminal.init(fd, wanted, @intCast(rows), @intCast(cols), saved, out));
}

fn terminalRestore(fd: i32, saved: *terminal.Saved) callconv(.c) u32 {
    return @intFromEnum(terminal.restore(fd, saved));
}

// The live segment.

/// The segment in a file that is open for reading and writing, or null (src/live/mapping.zig).
fn liveMap(fd: i32) callconv(.c) ?*anyopaque {
    if (builtin.os.tag == .windows) return null;
    return live_map.map(fd);
}

fn liveUnmap(segment: ?*anyopaque) callconv(.c) void {
    if (builtin.os.tag == .windows) return;
    live_map.unmap(segment orelse return);
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
