// Package dots speaks DOTS Call Home (RFC 9066) from the home's side.
package dots
