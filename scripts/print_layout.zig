//! Prints src/format/generated/layout.ts: the numbers that JavaScript shares with the Zig types.

const std = @import("std");
const immuconfig = @import("immuconfig");
const Writer = std.Io.Writer;

pub fn main(init: std.process.Init) !void {
    var buffer: [4096]u8 = undefined;
    var file_writer: std.Io.File.Writer = .init(.stdout(), init.io, &buffer);
    const out = &file_writer.interface;
    try out.writeAll(
        \\// Generated from the Zig types by `bun scripts/generate_layout.ts`; do not edit.
        \\
        \\/** Byte offsets and sizes of the structs that cross into native code, and its numbers. */
        \\
        \\
    );
    try out.print("export const ABI_VERSION = {d};\n", .{immuconfig.abi_version});
    try printEnum(out, "FAULT", immuconfig.fault.Fault);
    try printEnum(out, "TERMINAL_MODE", immuconfig.terminal.Mode);
    try printStruct(out, "HEADER", immuconfig.Header);
    try printStruct(out, "SETTINGS", immuconfig.Settings);
    try printStruct(out, "FIELDS", immuconfig.Fields);
    try printStruct(out, "VERDICT", immuconfig.fault.Verdict);
    try printStruct(out, "FLAG_ENTRY", immuconfig.features.Entry);
    try printStruct(out, "SOURCE_SPAN", immuconfig.plain_source.Span);
    try printStruct(out, "SOURCE_CALL", immuconfig.plain_source.Call);
    try printStruct(out, "TERMINAL_SIZE", immuconfig.terminal.Size);
    try out.print("\nexport const TERMINAL_SAVED_SIZE = {d};\n", .{
        @sizeOf(immuconfig.terminal.Saved),
    });
    try out.flush();
}

fn printEnum(out: *Writer, name: []const u8, comptime Enum: type) !void {
    try out.print("\nexport const {s} = {{\n", .{name});
    inline for (@typeInfo(Enum).@"enum".fields) |field| {
        try out.writeAll("  ");
        try printCamelCase(out, field.name);
        try out.print(": {d},\n", .{field.value});
    }
    try out.writeAll("} as const;\n");
}

/// The offset of each field, and the struct's size as `SIZE`.
fn printStruct(out: *Writer, name: []const u8, comptime Struct: type) !void {
    try out.print("\nexport const {s} = {{\n", .{name});
    inline for (@typeInfo(Struct).@"struct".fields) |field| {
        try out.writeAll("  ");
        try printCamelCase(out, field.name);
        try out.print(": {d},\n", .{@offsetOf(Struct, field.name)});
    }
    try out.print("  SIZE: {d},\n}} as const;\n", .{@sizeOf(Struct)});
}

fn printCamelCase(out: *Writer, name: []const u8) !void {
    var words = std.mem.splitScalar(u8, name, '_');
    try out.writeAll(words.first());
    while (words.next()) |word| {
        try out.writeByte(std.ascii.toUpper(word[0]));
        try out.writeAll(word[1..]);
    }
}
