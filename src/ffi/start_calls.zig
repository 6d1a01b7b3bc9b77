//! What a program that has just started calls: its record, and the live segment beside it. Each takes
//! one object and looks up by itself what it needs of it and of the environment: whatever JavaScript
//! does for the first time costs a start more. `src/native/addon.ts` has the types.

const builtin = @import("builtin");
const std = @import("std");
const fast_open = @import("../live/fast_open.zig");
const fast_read = @import("../runtime/fast_read.zig");
const mapping = @import("../live/mapping.zig");
const node_api = @import("node_api.zig");
const node_calls = @import("node_calls.zig");
const request = @import("../runtime/request.zig");
const variables_module = @import("../runtime/variables.zig");

const CallbackInfo = node_api.CallbackInfo;
const Env = node_api.Env;
const Value = node_api.Value;
const Memory = std.heap.FixedBufferAllocator;

const is_windows = builtin.os.tag == .windows;

/// What Node-API calls when the library is loaded. Each function that is made takes a start longer, so the
/// others wait for `complete`.
pub fn register(env: Env, exports: Value) callconv(.c) Value {
    node_api.open();
    node_api.addFunction(env, exports, "complete", completeCallback);
    // Windows has no fast read (src/store/find.zig).
    if (is_windows) return exports;
    node_api.addFunction(env, exports, "view", viewCallback);
    node_api.addFunction(env, exports, "live", liveCallback);
    node_api.addFunction(env, exports, "liveMap", liveMapCallback);
    node_api.addFunction(env, exports, "liveUnmap", liveUnmapCallback);
    return exports;
}

/// `complete(exports)`: the same object, with all other functions.
fn completeCallback(env: Env, info: CallbackInfo) callconv(.c) Value {
    var arguments: [1]Value = @splat(null);
    if (!node_api.readArguments(env, info, &arguments)) return null;
    node_api.addFunctions(env, arguments[0]);
    node_calls.addFunctions(env, arguments[0]);
    return arguments[0];
}

/// All texts together.
const texts_size_max = 256 * 1024;
/// For the view and a file of a MiB: a page that nobody writes to costs nothing.
const room_size = fast_open.text_size_max + fast_read.view_size_max + 1024 * 1024;
const Room = extern struct {
    texts: [texts_size_max]u8,
    out: [room_size]u8,
};

/// `view(request)`: the record as JSON (src/runtime/fast_read.zig), or undefined when the caller must
/// read the file by itself.
fn viewCallback(env: Env, info: CallbackInfo) callconv(.c) Value {
    return answer(env, info, writeView);
}

fn writeView(asked: fast_read.Request, _: Object, out: []u8) Unsure![]const u8 {
    return fast_read.write(asked, out) orelse error.Unsure;
}

/// `live(request)`: the record and the open segment as JSON (src/live/fast_open.zig), or undefined when
/// the caller must look by itself.
fn liveCallback(env: Env, info: CallbackInfo) callconv(.c) Value {
    return answer(env, info, writeLive);
}

fn writeLive(asked: fast_read.Request, object: Object, out: []u8) Unsure![]const u8 {
    const folder = try object.text("folder") orelse return error.Unsure;
    const looked: fast_open.Request = .{ .find = asked.find, .folder = folder, .trust = asked.trust };
    return fast_open.write(looked, out) orelse error.Unsure;
}

fn answer(
    env: Env,
    info: CallbackInfo,
    comptime write: fn (fast_read.Request, Object, []u8) Unsure![]const u8,
) Value {
    // Not on the stack, which ReleaseSafe would fill first, and not static: threads call it, too.
    const memory = std.heap.page_allocator.rawAlloc(@sizeOf(Room), .of(Room), @returnAddress()) orelse return null;
    defer std.heap.page_allocator.rawFree(memory[0..@sizeOf(Room)], .of(Room), @returnAddress());
    const room: *Room = @ptrCast(memory);

    var arguments: [1]Value = @splat(null);
    if (!node_api.readArguments(env, info, &arguments)) return null;
    var texts: Memory = .init(&room.texts);
    const object: Object = .{ .env = env, .value = arguments[0], .memory = &texts };
    const start = readStart(object) catch return null;
    const asked = request.of(&start, texts.allocator()) orelse return null;
    return node_api.textValue(env, write(asked, object, &room.out) catch return null);
}

/// `liveMap(descriptor)`: the segment in an open file as an ArrayBuffer (src/live/mapping.zig).
fn liveMapCallback(env: Env, info: CallbackInfo) callconv(.c) Value {
    var arguments: [1]Value = @splat(null);
    if (!node_api.readArguments(env, info, &arguments)) return null;
    const descriptor = node_api.readNumber(env, arguments[0]) orelse return null;
    const create = node_api.api.napi_create_external_arraybuffer orelse return null;
    const memory = mapping.map(std.math.cast(i32, descriptor) orelse return null) orelse return null;
    var value: Value = null;
    if (create(env, memory, mapping.segment_size, null, null, &value) == node_api.ok) return value;
    mapping.unmap(memory);
    return null;
}

/// `liveUnmap(buffer)`: ends a mapping of `liveMap`. The buffer must not be used afterwards.
fn liveUnmapCallback(env: Env, info: CallbackInfo) callconv(.c) Value {
    var arguments: [1]Value = @splat(null);
    if (!node_api.readArguments(env, info, &arguments)) return null;
    const get = node_api.api.napi_get_arraybuffer_info orelse return null;
    var memory: ?*anyopaque = null;
    var size: usize = 0;
    if (get(env, arguments[0], &memory, &size) == node_api.ok) mapping.unmap(memory orelse return null);
    return null;
}

fn readStart(object: Object) Unsure!request.Start {
    const own = try object.get("isOwn") orelse return error.Unsure;
    return .{
        .cwd = try object.text("cwd") orelse return error.Unsure,
        .main = try object.text("main") orelse "",
        .file = try object.text("file"),
        .version = try object.text("version"),
        .is_own = (node_api.readNumber(object.env, own) orelse return error.Unsure) != 0,
        .variables = try readVariables(object),
    };
}

fn readVariables(object: Object) Unsure!variables_module.Variables {
    const environment: Object = .{
        .env = object.env,
        .value = try object.get("env") orelse return error.Unsure,
        .memory = object.memory,
    };
    var variables: variables_module.Variables = .{};
    inline for (variables_module.names, &variables.entries) |name, *entry| {
        entry.* = try environment.textAfter(name ++ "=", name);
    }
    return variables;
}

/// A getter failed, a value is no text, or there is no room for it.
const Unsure = error{Unsure};

/// An object of JavaScript, and memory for the texts in it.
const Object = struct {
    env: Env,
    value: Value,
    memory: *Memory,

    /// Null for a property that is undefined.
    fn get(object: Object, name: [:0]const u8) Unsure!?Value {
        const getProperty = node_api.api.napi_get_named_property orelse return error.Unsure;
        const typeOf = node_api.api.napi_typeof orelse return error.Unsure;
        var value: Value = null;
        var kind: c_int = undefined;
        if (getProperty(object.env, object.value, name.ptr, &value) != node_api.ok) return error.Unsure;
        if (typeOf(object.env, value, &kind) != node_api.ok) return error.Unsure;
        return if (kind == node_api.undefined_kind) null else value;
    }

    fn text(object: Object, name: [:0]const u8) Unsure!?[]const u8 {
        return object.textAfter("", name);
    }

    /// The text with another one before it, in one piece.
    fn textAfter(object: Object, before: []const u8, name: [:0]const u8) Unsure!?[]const u8 {
        const value = try object.get(name) orelse return null;
        const room = object.memory.buffer[object.memory.end_index..];
        if (room.len < before.len) return error.Unsure;
        @memcpy(room[0..before.len], before);
        const read = node_api.readText(object.env, value, room[before.len..]) orelse return error.Unsure;
        const size = before.len + read.len;
        object.memory.end_index += size;
        return room[0..size];
    }
};
