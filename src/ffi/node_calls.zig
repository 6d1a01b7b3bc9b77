//! The functions of the C ABI (config.zig) as functions of Node-API, by the same names: numbers are
//! numbers, pointers the memory of typed arrays, and what is constant for ever an ArrayBuffer.

const std = @import("std");
const header_module = @import("../format/header.zig");
const node_api = @import("node_api.zig");
const FlagSet = @import("../format/flag_set.zig").FlagSet;
const Verdict = @import("../format/fault.zig").Verdict;
const terminal = @import("../native/terminal.zig");

const Env = node_api.Env;
const Value = node_api.Value;
const Bytes = ?[*]const u8;

/// What config.zig exports.
const library = struct {
    extern fn immuconfig_abi_version() u32;
    extern fn immuconfig_verify(Bytes, u32, *Verdict) u32;
    extern fn immuconfig_verify_record(Bytes, u32, *Verdict) u32;
    extern fn immuconfig_encode(*const header_module.Fields, Bytes, u32, *header_module.Header) u32;
    extern fn immuconfig_murmur3(Bytes, u32, u32) u32;
    extern fn immuconfig_crc64(Bytes, u32, *u64) void;
    extern fn immuconfig_canonical_url(Bytes, u32, [*]u8) i32;
    extern fn immuconfig_load(Bytes, u32, *Verdict) u32;
    extern fn immuconfig_header() *const header_module.Header;
    extern fn immuconfig_version() u32;
    extern fn immuconfig_generation() u32;
    extern fn immuconfig_flags() *const FlagSet;
    extern fn immuconfig_feature(u32) bool;
    extern fn immuconfig_feature_by_name(Bytes, u32) i32;
    extern fn immuconfig_terminal_size(i32, *terminal.Size) u32;
    extern fn immuconfig_terminal_init(i32, u32, u32, u32, *terminal.Saved, *terminal.Size) u32;
    extern fn immuconfig_terminal_pass_output(i32, *terminal.Saved) u32;
    extern fn immuconfig_terminal_restore(i32, *terminal.Saved) u32;
};

const names = .{
    "immuconfig_abi_version",          "immuconfig_verify",
    "immuconfig_verify_record",        "immuconfig_encode",
    "immuconfig_murmur3",              "immuconfig_crc64",
    "immuconfig_canonical_url",        "immuconfig_load",
    "immuconfig_header",               "immuconfig_version",
    "immuconfig_generation",           "immuconfig_flags",
    "immuconfig_feature",              "immuconfig_feature_by_name",
    "immuconfig_terminal_size",        "immuconfig_terminal_init",
    "immuconfig_terminal_pass_output", "immuconfig_terminal_restore",
};

pub fn addFunctions(env: Env, exports: Value) void {
    inline for (names) |name| {
        node_api.addFunction(env, exports, name, callbackOf(@field(library, name)));
    }
}

/// Undefined for arguments that are none of the function's.
fn callbackOf(comptime function: anytype) node_api.Callback {
    const Function = @TypeOf(function);
    const shape = @typeInfo(Function).@"fn";
    return struct {
        fn call(env: Env, info: node_api.CallbackInfo) callconv(.c) Value {
            var given: [shape.params.len]Value = @splat(null);
            if (!node_api.readArguments(env, info, &given)) return null;
            var arguments: std.meta.ArgsTuple(Function) = undefined;
            inline for (shape.params, 0..) |param, index| {
                arguments[index] = read(param.type orelse unreachable, env, given[index]) catch return null;
            }
            return give(env, @call(.auto, function, arguments));
        }
    }.call;
}

fn read(comptime T: type, env: Env, value: Value) error{Argument}!T {
    switch (T) {
        u32 => return node_api.readNumber(env, value) orelse error.Argument,
        i32 => {
            const get = node_api.api.napi_get_value_int32 orelse return error.Argument;
            var number: i32 = 0;
            return if (get(env, value, &number) == node_api.ok) number else error.Argument;
        },
        Bytes => return (try memoryOf(env, value)).ptr,
        else => {
            const pointer = @typeInfo(T).pointer;
            const memory = try memoryOf(env, value);
            const first = memory.ptr orelse return error.Argument;
            if (pointer.size == .many) return first;
            const fits = memory.size >= @sizeOf(pointer.child) and
                @intFromPtr(first) % @alignOf(pointer.child) == 0;
            return if (fits) @ptrCast(@alignCast(first)) else error.Argument;
        },
    }
}

const Memory = struct { ptr: ?[*]u8, size: usize };

/// Bytes of an element, by the number that Node-API has for the kind of array.
const element_sizes = [_]usize{ 1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8 };

fn memoryOf(env: Env, value: Value) error{Argument}!Memory {
    const get = node_api.api.napi_get_typedarray_info orelse return error.Argument;
    var kind: c_int = undefined;
    var length: usize = 0;
    var first: ?[*]u8 = null;
    if (get(env, value, &kind, &length, &first, null, null) != node_api.ok) return error.Argument;
    const index = std.math.cast(usize, kind) orelse return error.Argument;
    if (index >= element_sizes.len) return error.Argument;
    return .{ .ptr = first, .size = length * element_sizes[index] };
}

fn give(env: Env, result: anytype) Value {
    var value: Value = null;
    switch (@TypeOf(result)) {
        void => return null,
        i32 => return node_api.numberValue(env, result),
        u32 => {
            const create = node_api.api.napi_create_uint32 orelse return null;
            return if (create(env, result, &value) == node_api.ok) value else null;
        },
        bool => {
            const get = node_api.api.napi_get_boolean orelse return null;
            return if (get(env, result, &value) == node_api.ok) value else null;
        },
        else => |Pointer| {
            const create = node_api.api.napi_create_external_arraybuffer orelse return null;
            const size = @sizeOf(@typeInfo(Pointer).pointer.child);
            // Nobody may write to it, and nothing but words keeps a program from it.
            const memory: *anyopaque = @ptrCast(@constCast(result));
            return if (create(env, memory, size, null, null, &value) == node_api.ok) value else null;
        },
    }
}
