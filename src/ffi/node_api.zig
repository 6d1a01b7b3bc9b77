//! The library as a Node-API addon: for programs that have just started, for which `bun:ffi` would
//! first compile a stub for each function. `src/native/addon.ts` has the types.
//!
//! The process brings the functions of Node-API. They are weak symbols, so that others than Bun and
//! Node can load the library as well.

const std = @import("std");
const fast_read = @import("../runtime/fast_read.zig");
const input_observer = @import("../bundle/build/input_observer.zig");
const plain_source = @import("../bundle/source/fast_scan/plain_source.zig");

const posix = std.posix;

const Env = ?*opaque {};
const Value = ?*opaque {};
const CallbackInfo = ?*opaque {};
const Callback = *const fn (Env, CallbackInfo) callconv(.c) Value;
const Status = c_int;
const ok: Status = 0;

const api = struct {
    const getCallbackInfo = weak(
        "napi_get_cb_info",
        fn (Env, CallbackInfo, *usize, [*]Value, ?*Value, ?*?*anyopaque) callconv(.c) Status,
    );
    const getString = weak(
        "napi_get_value_string_utf8",
        fn (Env, Value, ?[*]u8, usize, *usize) callconv(.c) Status,
    );
    const createString = weak(
        "napi_create_string_utf8",
        fn (Env, [*]const u8, usize, *Value) callconv(.c) Status,
    );
    const getNumber = weak(
        "napi_get_value_uint32",
        fn (Env, Value, *u32) callconv(.c) Status,
    );
    const getTypedArray = weak(
        "napi_get_typedarray_info",
        fn (Env, Value, ?*c_int, *usize, *?[*]u8, ?*Value, ?*usize) callconv(.c) Status,
    );
    const createNumber = weak(
        "napi_create_uint32",
        fn (Env, u32, *Value) callconv(.c) Status,
    );
    const createFunction = weak(
        "napi_create_function",
        fn (Env, [*]const u8, usize, Callback, ?*anyopaque, *Value) callconv(.c) Status,
    );
    const setProperty = weak(
        "napi_set_named_property",
        fn (Env, Value, [*:0]const u8, Value) callconv(.c) Status,
    );
};

fn weak(comptime name: []const u8, comptime Function: type) ?*const Function {
    return @extern(?*const Function, .{ .name = name, .linkage = .weak });
}

pub fn register(env: Env, exports: Value) callconv(.c) Value {
    addFunction(env, exports, "view", viewCallback);
    addFunction(env, exports, "plainSource", plainSourceCallback);
    addFunction(env, exports, "bundlerSources", sourcesCallback);
    addFunction(env, exports, "bundlerInputCount", inputCountCallback);
    return exports;
}

/// A function that is missing afterwards is the caller's to find out.
fn addFunction(env: Env, exports: Value, name: [:0]const u8, callback: Callback) void {
    const create = api.createFunction orelse return;
    const set = api.setProperty orelse return;
    var function: Value = null;
    if (create(env, name.ptr, name.len, callback, null, &function) == ok) {
        _ = set(env, exports, name.ptr, function);
    }
}

const text_size_max = 32 * 1024;
/// For the view and the file: some 7000 packages of it.
const room_size = 256 * 1024;
const Room = extern struct {
    texts: [3][text_size_max]u8,
    out: [room_size]u8,
};

/// `view(cwd, file, pin)`: the record as JSON (src/runtime/fast_read.zig), or undefined when the caller must read
/// the file by itself.
fn viewCallback(env: Env, info: CallbackInfo) callconv(.c) Value {
    // Not on the stack, which ReleaseSafe would fill first, and not static: threads call it, too.
    const size = comptime std.mem.alignForward(usize, @sizeOf(Room), std.heap.page_size_max);
    const protection: posix.PROT = .{ .READ = true, .WRITE = true };
    const private: posix.MAP = .{ .TYPE = .PRIVATE, .ANONYMOUS = true };
    const memory = posix.mmap(null, size, protection, private, -1, 0) catch return null;
    defer posix.munmap(memory);
    const room: *Room = @ptrCast(memory.ptr);

    var arguments: [3]Value = @splat(null);
    var count = arguments.len;
    const getInfo = api.getCallbackInfo orelse return null;
    if (getInfo(env, info, &count, &arguments, null, null) != ok) return null;
    if (count != arguments.len) return null;
    const text = fast_read.write(.{
        .cwd = readText(env, arguments[0], &room.texts[0]) orelse return null,
        .named = readText(env, arguments[1], &room.texts[1]) orelse return null,
        .pin = readText(env, arguments[2], &room.texts[2]) orelse return null,
    }, &room.out) orelse return null;
    return textValue(env, text);
}

/// `plainSource(input, size, typescriptOnly, results)`: as `immuconfig_plain_source`, with the
/// import's place and the calls in `results`; undefined when the source must be parsed to be sure.
fn plainSourceCallback(env: Env, info: CallbackInfo) callconv(.c) Value {
    var arguments: [4]Value = @splat(null);
    var count = arguments.len;
    const getInfo = api.getCallbackInfo orelse return null;
    if (getInfo(env, info, &count, &arguments, null, null) != ok) return null;
    const input = readArray(u8, env, arguments[0]) orelse return null;
    const size = readNumber(env, arguments[1]) orelse return null;
    const typescript_only = readNumber(env, arguments[2]) orelse return null;
    const results = readArray(u32, env, arguments[3]) orelse return null;
    const span_words = @sizeOf(plain_source.Span) / @sizeOf(u32);
    if (size > input.len or results.len < span_words) return null;
    const calls: [*]plain_source.Call = @ptrCast(results[span_words..].ptr);
    const capacity = (results.len - span_words) * @sizeOf(u32) / @sizeOf(plain_source.Call);
    const uses = plain_source.find(input[0..size], typescript_only != 0, calls[0..capacity]) orelse
        return null;
    results[0..span_words].* = @bitCast(uses.import);
    return numberValue(env, @intCast(uses.calls.len));
}

/// `bundlerSources()`: the list of sources that `immuconfig_before_parse` saw
/// (src/bundle/build/input_observer.zig); undefined when it could not look at an input.
fn sourcesCallback(env: Env, _: CallbackInfo) callconv(.c) Value {
    return textValue(env, input_observer.sources() orelse return null);
}

/// `bundlerInputCount()`: how many inputs it saw.
fn inputCountCallback(env: Env, _: CallbackInfo) callconv(.c) Value {
    return numberValue(env, input_observer.inputCount());
}

/// Null for what is no string, or too long.
fn readText(env: Env, value: Value, room: []u8) ?[]const u8 {
    const get = api.getString orelse return null;
    var size: usize = 0;
    if (get(env, value, room.ptr, room.len, &size) != ok) return null;
    // With the zero byte behind it, a longer text fills the room.
    return if (size + 1 < room.len) room[0..size] else null;
}

fn readNumber(env: Env, value: Value) ?u32 {
    const get = api.getNumber orelse return null;
    var number: u32 = 0;
    return if (get(env, value, &number) == ok) number else null;
}

/// Null for what is no typed array of such elements.
fn readArray(comptime Element: type, env: Env, value: Value) ?[]Element {
    const get = api.getTypedArray orelse return null;
    var kind: c_int = undefined;
    var length: usize = 0;
    var elements: ?[*]u8 = null;
    if (get(env, value, &kind, &length, &elements, null, null) != ok) return null;
    const expected: c_int = switch (Element) {
        u8 => 1,
        u32 => 6,
        else => comptime unreachable,
    };
    if (kind != expected) return null;
    const first = elements orelse return null;
    return @as([*]Element, @ptrCast(@alignCast(first)))[0..length];
}

fn numberValue(env: Env, number: u32) Value {
    const create = api.createNumber orelse return null;
    var value: Value = null;
    return if (create(env, number, &value) == ok) value else null;
}

fn textValue(env: Env, text: []const u8) Value {
    const create = api.createString orelse return null;
    var value: Value = null;
    return if (create(env, text.ptr, text.len, &value) == ok) value else null;
}
