// Command package builds Spinneret for OpenWrt: packages for opkg (24.10) and apk (25.12 and later) and signed feeds
// of them, without OpenWrt's SDK. The same source gives the same bytes, wherever and whenever it is built.
//
//	go run ./openwrt/package -out bin/packages [-arch mipsel_24kc,…|all] [-key DIR]
package main
