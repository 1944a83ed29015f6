// Package anomaly scores what a device does against what it did before; it is pure: no clock, goroutine or I/O.
package anomaly
