//! The root of every module that `immuconfig/zig` compiles. It exports each public function of
//! `user` whose types JavaScript can pass, under `zig:NAME`, and a description of all of them.

const std = @import("std");
const user = @import("user");

var panic_message: []const u8 = "";

pub const panic = std.debug.FullPanic(keepMessage);

fn keepMessage(message: []const u8, _: ?usize) noreturn {
    panic_message = message;
    @trap();
}

comptime {
    @setEvalBranchQuota(100_000);
    for (@typeInfo(user).@"struct".decls) |decl| {
        const value = @field(user, decl.name);
        if (@typeInfo(@TypeOf(value)) != .@"fn" or obstacle(@TypeOf(value)) != null) continue;
        @export(&Shim(value).call, .{ .name = "zig:" ++ decl.name });
    }
    @export(&describe, .{ .name = "zig:describe" });
    @export(&lastPanic, .{ .name = "zig:panic" });
}

fn describe() callconv(.c) u64 {
    return pack(comptime describeAll());
}

fn lastPanic() callconv(.c) u64 {
    return pack(panic_message);
}

/// A slice as one number: the pointer in the high half, the length in the low.
fn pack(bytes: []const u8) u64 {
    return @as(u64, @intFromPtr(bytes.ptr)) << 32 | bytes.len;
}

/// What a Zig type is to JavaScript, or null when it cannot cross.
fn crossing(comptime Type: type) ?[]const u8 {
    return switch (Type) {
        []const u8 => "bytes",
        []u8 => "buffer",
        void, bool, u8, u16, u32, u64, i8, i16, i32, i64, usize, f32, f64 => @typeName(Type),
        else => null,
    };
}

/// Why a function cannot be called from JavaScript, or null when it can.
fn obstacle(comptime Function: type) ?[]const u8 {
    const info = @typeInfo(Function).@"fn";
    if (info.is_generic or info.is_var_args) return "it is generic";
    if (info.params.len > params_max / 2) return "it has too many parameters";
    for (info.params) |param| {
        const Type = param.type orelse return "it is generic";
        if (crossing(Type) == null) return "a parameter is a " ++ @typeName(Type);
    }
    const Return = info.return_type orelse return "it is generic";
    return if (crossing(Return) == null) "it returns a " ++ @typeName(Return) else null;
}

fn describeAll() []const u8 {
    @setEvalBranchQuota(100_000);
    var text: []const u8 = "[";
    for (@typeInfo(user).@"struct".decls) |decl| {
        const value = @field(user, decl.name);
        const entry = describeOne(decl.name, value) orelse continue;
        text = text ++ (if (text.len > 1) "," else "") ++ entry;
    }
    return text ++ "]";
}

fn describeOne(comptime name: []const u8, comptime value: anytype) ?[]const u8 {
    const Type = @TypeOf(value);
    const head = "{\"name\":\"" ++ name ++ "\",";
    switch (@typeInfo(Type)) {
        .@"fn" => |info| {
            if (obstacle(Type)) |reason| return head ++ "\"skipped\":\"" ++ reason ++ "\"}";
            var params: []const u8 = "";
            for (info.params, 0..) |param, index| {
                if (index > 0) params = params ++ ",";
                params = params ++ "\"" ++ crossing(param.type.?).? ++ "\"";
            }
            const returns = crossing(info.return_type.?).?;
            return head ++ "\"params\":[" ++ params ++ "],\"returns\":\"" ++ returns ++ "\"}";
        },
        .bool => return head ++ "\"value\":" ++ (if (value) "true" else "false") ++ "}",
        .int, .comptime_int => {
            const safe = 1 << 53;
            if (value > safe or value < -safe) return null;
            return head ++ std.fmt.comptimePrint("\"value\":{d}}}", .{value});
        },
        else => return null,
    }
}

const params_max = 12;

/// The types with which a function's parameters cross: a slice is a pointer and a length.
fn Lowered(comptime Function: type) []const type {
    var types: []const type = &.{};
    for (@typeInfo(Function).@"fn".params) |param| {
        types = types ++ switch (param.type.?) {
            []const u8 => &[_]type{ [*]const u8, usize },
            []u8 => &[_]type{ [*]u8, usize },
            else => |Type| &[_]type{Type},
        };
    }
    return types;
}

fn Shim(comptime function: anytype) type {
    const Function = @TypeOf(function);
    const T = Lowered(Function);
    const Return = @typeInfo(Function).@"fn".return_type.?;
    const R = if (Return == []const u8 or Return == []u8) u64 else Return;
    // zig fmt: off
    return struct {
        const call = switch (T.len) {
            0 => call0, 1 => call1, 2 => call2, 3 => call3, 4 => call4, 5 => call5, 6 => call6,
            7 => call7, 8 => call8, 9 => call9, 10 => call10, 11 => call11, 12 => call12,
            else => unreachable,
        };
        fn call0() callconv(.c) R { return run(.{}); }
        fn call1(a: T[0]) callconv(.c) R { return run(.{a}); }
        fn call2(a: T[0], b: T[1]) callconv(.c) R { return run(.{ a, b }); }
        fn call3(a: T[0], b: T[1], c: T[2]) callconv(.c) R { return run(.{ a, b, c }); }
        fn call4(a: T[0], b: T[1], c: T[2], d: T[3]) callconv(.c) R { return run(.{ a, b, c, d }); }
        fn call5(
            a: T[0], b: T[1], c: T[2],
            d: T[3], e: T[4],
        ) callconv(.c) R {
            return run(.{ a, b, c, d, e });
        }
        fn call6(
            a: T[0], b: T[1], c: T[2],
            d: T[3], e: T[4], f: T[5],
        ) callconv(.c) R {
            return run(.{ a, b, c, d, e, f });
        }
        fn call7(
            a: T[0], b: T[1], c: T[2], d: T[3],
            e: T[4], f: T[5], g: T[6],
        ) callconv(.c) R {
            return run(.{ a, b, c, d, e, f, g });
        }
        fn call8(
            a: T[0], b: T[1], c: T[2], d: T[3],
            e: T[4], f: T[5], g: T[6], h: T[7],
        ) callconv(.c) R {
            return run(.{ a, b, c, d, e, f, g, h });
        }
        fn call9(
            a: T[0], b: T[1], c: T[2], d: T[3], e: T[4],
            f: T[5], g: T[6], h: T[7], i: T[8],
        ) callconv(.c) R {
            return run(.{ a, b, c, d, e, f, g, h, i });
        }
        fn call10(
            a: T[0], b: T[1], c: T[2], d: T[3], e: T[4],
            f: T[5], g: T[6], h: T[7], i: T[8], j: T[9],
        ) callconv(.c) R {
            return run(.{ a, b, c, d, e, f, g, h, i, j });
        }
        fn call11(
            a: T[0], b: T[1], c: T[2], d: T[3], e: T[4], f: T[5],
            g: T[6], h: T[7], i: T[8], j: T[9], k: T[10],
        ) callconv(.c) R {
            return run(.{ a, b, c, d, e, f, g, h, i, j, k });
        }
        fn call12(
            a: T[0], b: T[1], c: T[2], d: T[3], e: T[4], f: T[5],
            g: T[6], h: T[7], i: T[8], j: T[9], k: T[10], l: T[11],
        ) callconv(.c) R {
            return run(.{ a, b, c, d, e, f, g, h, i, j, k, l });
        }

        fn run(lowered: anytype) R {
            var args: std.meta.ArgsTuple(Function) = undefined;
            comptime var at = 0;
            inline for (&args) |*arg| {
                switch (@TypeOf(arg.*)) {
                    []const u8, []u8 => {
                        arg.* = lowered[at][0..lowered[at + 1]];
                        at += 2;
                    },
                    else => {
                        arg.* = lowered[at];
                        at += 1;
                    },
                }
            }
            const result = @call(.auto, function, args);
            return if (R == Return) result else pack(result);
        }
    };
}
