//! The library as a Node-API addon: for programs that have just started, for which `bun:ffi` would
//! first compile a stub for each function. `src/native/addon.ts` has the types.
//!
//! The process brings the functions of Node-API. Where there are weak symbols, they are such, so that
//! others than Bun and Node can load the library as well.

const builtin = @import("builtin");
const std = @import("std");
const boot = @import("../live/boot.zig");
const input_observer = @import("../bundle/build/input_observer.zig");
const fast_scan = @import("../bundle/source/fast_scan/fast_scan.zig");
const lock = @import("../store/lock.zig");

const is_windows = builtin.os.tag == .windows;

pub const Env = ?*opaque {};
pub const Value = ?*opaque {};
pub const CallbackInfo = ?*opaque {};
pub const Callback = *const fn (Env, CallbackInfo) callconv(.c) Value;
const Finalizer = fn (Env, ?*anyopaque, ?*anyopaque) callconv(.c) void;
const Status = c_int;
pub const ok: Status = 0;
/// What `napi_typeof` says of undefined.
pub const undefined_kind: c_int = 0;

/// What the library calls, by the names of Node-API: null where the process has no such function.
const Api = struct {
    napi_get_cb_info: ?*const fn (Env, CallbackInfo, *usize, [*]Value, ?*Value, ?*?*anyopaque) callconv(.c) Status = null,
    napi_get_value_string_utf8: ?*const fn (Env, Value, ?[*]u8, usize, *usize) callconv(.c) Status = null,
    napi_create_string_utf8: ?*const fn (Env, [*]const u8, usize, *Value) callconv(.c) Status = null,
    napi_get_value_uint32: ?*const fn (Env, Value, *u32) callconv(.c) Status = null,
    napi_get_typedarray_info: ?*const fn (Env, Value, ?*c_int, *usize, *?[*]u8, ?*Value, ?*usize) callconv(.c) Status = null,
    napi_get_arraybuffer_info: ?*const fn (Env, Value, *?*anyopaque, *usize) callconv(.c) Status = null,
    napi_create_external_arraybuffer: ?*const fn (Env, *anyopaque, usize, ?*const Finalizer, ?*anyopaque, *Value) callconv(.c) Status = null,
    napi_create_external: ?*const fn (Env, ?*anyopaque, ?*const Finalizer, ?*anyopaque, *Value) callconv(.c) Status = null,
    napi_get_value_external: ?*const fn (Env, Value, *?*anyopaque) callconv(.c) Status = null,
    napi_get_value_int32: ?*const fn (Env, Value, *i32) callconv(.c) Status = null,
    napi_create_uint32: ?*const fn (Env, u32, *Value) callconv(.c) Status = null,
    napi_get_boolean: ?*const fn (Env, bool, *Value) callconv(.c) Status = null,
    napi_create_int32: ?*const fn (Env, i32, *Value) callconv(.c) Status = null,
    napi_create_function: ?*const fn (Env, [*]const u8, usize, Callback, ?*anyopaque, *Value) callconv(.c) Status = null,
    napi_set_named_property: ?*const fn (Env, Value, [*:0]const u8, Value) callconv(.c) Status = null,
    napi_get_named_property: ?*const fn (Env, Value, [*:0]const u8, *Value) callconv(.c) Status = null,
    napi_typeof: ?*const fn (Env, Value, *c_int) callconv(.c) Status = null,
};

/// Filled by `open`, before any function of it is called.
pub var api: Api = .{};

fn findApi() Api {
    var found: Api = .{};
    inline for (@typeInfo(Api).@"struct".fields) |field| {
        @field(found, field.name) = if (is_windows)
            @ptrCast(GetProcAddress(GetModuleHandleW(null), field.name))
        else
            @extern(field.type, .{ .name = field.name, .linkage = .weak });
    }
    return found;
}

// Windows has no weak symbols. The program itself has the functions, whatever it is called.
extern "kernel32" fn GetModuleHandleW(name: ?[*:0]const u16) callconv(.winapi) ?*anyopaque;
extern "kernel32" fn GetProcAddress(module: ?*anyopaque, name: [*:0]const u8) callconv(.winapi) ?*const anyopaque;

/// Looks up what the process has, before anything else is called.
pub fn open() void {
    api = findApi();
}

/// Adds what needs no start: builds, locks.
pub fn addFunctions(env: Env, exports: Value) void {
    addFunction(env, exports, "fastScan", fastScanCallback);
    addFunction(env, exports, "openObserver", openObserverCallback);
    addFunction(env, exports, "observedSources", observedSourcesCallback);
    if (is_windows) {
        addFunction(env, exports, "openAlone", openAloneCallback);
        addFunction(env, exports, "closeAlone", closeAloneCallback);
        addFunction(env, exports, "startTime", startTimeCallback);
    } else {
        addFunction(env, exports, "tryLock", tryLockCallback);
    }
}

/// A function that is missing afterwards is the caller's to find out.
pub fn addFunction(env: Env, exports: Value, name: [:0]const u8, callback: Callback) void {
    const create = api.napi_create_function orelse return;
    const set = api.napi_set_named_property orelse return;
    var function: Value = null;
    if (create(env, name.ptr, name.len, callback, null, &function) == ok) {
        _ = set(env, exports, name.ptr, function);
    }
}

/// `tryLock(descriptor)`: 0 once the open file is locked, or the number of the system's error.
fn tryLockCallback(env: Env, info: CallbackInfo) callconv(.c) Value {
    var arguments: [1]Value = @splat(null);
    if (!readArguments(env, info, &arguments)) return null;
    const descriptor = readNumber(env, arguments[0]) orelse return null;
    const number = lock.tryLock(std.math.cast(i32, descriptor) orelse return null);
    return numberValue(env, @intCast(number));
}

/// `openAlone(path)`: a handle for `closeAlone`, or the number of the system's error, below zero.
fn openAloneCallback(env: Env, info: CallbackInfo) callconv(.c) Value {
    var arguments: [1]Value = @splat(null);
    if (!readArguments(env, info, &arguments)) return null;
    var path: [lock.path_size_max]u8 = undefined;
    var room: [lock.path_size_max]u16 = undefined;
    return numberValue(env, lock.openAlone(readText(env, arguments[0], &path) orelse return null, &room));
}

fn closeAloneCallback(env: Env, info: CallbackInfo) callconv(.c) Value {
    var arguments: [1]Value = @splat(null);
    if (!readArguments(env, info, &arguments)) return null;
    lock.closeAlone(readNumber(env, arguments[0]) orelse return null);
    return null;
}

/// `startTime()`: when the system was started, as a text that tells one start from another.
fn startTimeCallback(env: Env, _: CallbackInfo) callconv(.c) Value {
    var text: [32]u8 = undefined;
    const time = boot.startTime() orelse return null;
    return textValue(env, std.fmt.bufPrint(&text, "{d}", .{time}) catch return null);
}

pub fn readArguments(env: Env, info: CallbackInfo, arguments: []Value) bool {
    const getInfo = api.napi_get_cb_info orelse return false;
    var count = arguments.len;
    if (getInfo(env, info, &count, arguments.ptr, null, null) != ok) return false;
    return count == arguments.len;
}

/// `fastScan(input, size, typescriptOnly, results)`: as `immuconfig_fast_scan`, with the
/// import's place and the calls in `results`; undefined when the source must be parsed to be sure.
fn fastScanCallback(env: Env, info: CallbackInfo) callconv(.c) Value {
    var arguments: [4]Value = @splat(null);
    if (!readArguments(env, info, &arguments)) return null;
    const input = readArray(u8, env, arguments[0]) orelse return null;
    const size = readNumber(env, arguments[1]) orelse return null;
    const typescript_only = readNumber(env, arguments[2]) orelse return null;
    const results = readArray(u32, env, arguments[3]) orelse return null;
    const span_words = @sizeOf(fast_scan.Span) / @sizeOf(u32);
    if (size > input.len or results.len < span_words) return null;
    const calls: [*]fast_scan.Call = @ptrCast(results[span_words..].ptr);
    const capacity = (results.len - span_words) * @sizeOf(u32) / @sizeOf(fast_scan.Call);
    const uses = fast_scan.find(input[0..size], typescript_only != 0, calls[0..capacity]) orelse
        return null;
    results[0..span_words].* = @bitCast(uses.import);
    return numberValue(env, @intCast(uses.calls.len));
}

/// `openObserver()`: what `immuconfig_before_parse` takes as its `external`
/// (src/bundle/build/input_observer.zig); it lives as long as somebody holds it.
fn openObserverCallback(env: Env, _: CallbackInfo) callconv(.c) Value {
    const create = api.napi_create_external orelse return null;
    const observer = input_observer.Observer.create() orelse return null;
    var value: Value = null;
    if (create(env, observer, destroyObserver, null, &value) == ok) return value;
    observer.destroy();
    return null;
}

fn destroyObserver(_: Env, data: ?*anyopaque, _: ?*anyopaque) callconv(.c) void {
    const observer: *input_observer.Observer = @ptrCast(@alignCast(data orelse return));
    observer.destroy();
}

/// `observedSources(observer)`: the list of what it saw; undefined when it could not look at an input.
fn observedSourcesCallback(env: Env, info: CallbackInfo) callconv(.c) Value {
    var arguments: [1]Value = @splat(null);
    if (!readArguments(env, info, &arguments)) return null;
    const get = api.napi_get_value_external orelse return null;
    var data: ?*anyopaque = null;
    if (get(env, arguments[0], &data) != ok) return null;
    const observer: *input_observer.Observer = @ptrCast(@alignCast(data orelse return null));
    return textValue(env, observer.sources() orelse return null);
}

/// Null for what is no string, or too long.
pub fn readText(env: Env, value: Value, room: []u8) ?[]const u8 {
    const get = api.napi_get_value_string_utf8 orelse return null;
    var size: usize = 0;
    if (get(env, value, room.ptr, room.len, &size) != ok) return null;
    // With the zero byte behind it, a longer text fills the room.
    return if (size + 1 < room.len) room[0..size] else null;
}

pub fn readNumber(env: Env, value: Value) ?u32 {
    const get = api.napi_get_value_uint32 orelse return null;
    var number: u32 = 0;
    return if (get(env, value, &number) == ok) number else null;
}

/// Null for what is no typed array of such elements.
fn readArray(comptime Element: type, env: Env, value: Value) ?[]Element {
    const get = api.napi_get_typedarray_info orelse return null;
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

pub fn numberValue(env: Env, number: i32) Value {
    const create = api.napi_create_int32 orelse return null;
    var value: Value = null;
    return if (create(env, number, &value) == ok) value else null;
}

pub fn textValue(env: Env, text: []const u8) Value {
    const create = api.napi_create_string_utf8 orelse return null;
    var value: Value = null;
    return if (create(env, text.ptr, text.len, &value) == ok) value else null;
}
