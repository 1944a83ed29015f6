// Package mud reads Manufacturer Usage Descriptions (RFC 8520) and turns them into what a device may do.
package mud
