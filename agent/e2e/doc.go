// Package e2e tries the whole program: built as it is shipped, on the router of a lab's home, asked over its API and
// judged by what arrives at the far side. It holds tests only.
package e2e
