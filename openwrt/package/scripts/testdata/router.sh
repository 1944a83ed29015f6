# A router for the scripts: what rc.common, procd and libubox offer them. Each call is said, and nothing is done.
says() { echo "$@"; }
for name in procd_open_instance procd_set_param procd_add_jail procd_close_instance procd_add_reload_trigger \
	procd_open_trigger procd_add_raw_trigger procd_close_trigger procd_send_signal logger killall chown chgrp config_load; do
	eval "$name() { says $name \"\$@\"; }"
done
procd_add_validation() { "$1"; }
uci_load_validate() {
	case "$4" in
	"") shift 4; says "validates: $*" ;;
	*) "$4" "$3" "${INVALID:-0}" ;;
	esac
}
config_get() {
	case "$3" in
	state_dir) eval "$1=\${STATE_DIR:-\$4}" ;;
	listen_https) eval "$1=\$HTTPS" ;;
	socket) eval "$1=\${SOCKET:-\$4}" ;;
	cert | key) eval "$1=\${CERT:+\$CERT.$3}; $1=\${$1:-\$4}" ;;
	*) eval "$1=\$4" ;;
	esac
}
ubus() {
	says "ubus $*" >&2
	[ -z "$NO_UBUS" ] && echo '{"values":{}}'
}
uci() {
	says "uci $*"
	[ "$2" != get ] || [ -z "$NO_SECTION" ]
}
