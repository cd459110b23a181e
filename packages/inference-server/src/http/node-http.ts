/**
 * Node's module for HTTP. Asked for in this way, it is loaded alone: an `import` reads everything that it exports, and so
 * loads Node's WebSocket client too, which takes longer than all else that a server needs.
 */
export const http = process.getBuiltinModule('node:http');
