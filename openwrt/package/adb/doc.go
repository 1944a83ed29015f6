// Package adb writes and reads the packages and indexes of apk, version 3, without apk: files that begin with "ADB.".
//
// A file is a schema and blocks: one with typed values (names, paths, scripts), then signatures, then one for the
// content of each file. Values are 32-bit words: a type and either a small number or where the value lies.
package adb
