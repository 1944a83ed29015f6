/* A provider on libcoap, independent of our own code: it listens for a home, sends it what its standard input says, and
 * prints each message that comes back, every field of it, and the home's heartbeats.
 *
 *   peer PORT psk IDENTITY KEY        peer PORT pki CA CERT KEY (PEM files; DTLS and TLS)
 *   input:  REQ con|non CODE TOKEN PATH OPTIONS BODY    CODE in decimal, OPTIONS as NUMBER=HEX,..., - for none
 *           RST TOKEN                                   the next message with this token is answered with a reset
 *   output: LISTENS, SESSION, GOT TYPE CODE TOKEN OPTIONS BODY, NACK REASON, BEAT BODY
 */
#include <arpa/inet.h>
#include <coap3/coap.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static coap_session_t *home;
static char reset_token[32]; /* of the answer to be reset; empty: none */
static char *psk_identity;
static coap_bin_const_t psk_key;

static size_t unhex(const char *text, uint8_t *out, size_t room) {
	size_t n = 0;
	for (; text[0] && text[1] && n < room; text += 2) {
		unsigned v;
		if (sscanf(text, "%2x", &v) != 1) break;
		out[n++] = (uint8_t)v;
	}
	return n;
}

static void print_hex(const uint8_t *b, size_t n) {
	if (n == 0) putchar('-');
	for (size_t i = 0; i < n; i++) printf("%02x", b[i]);
}

static void print_body(const coap_pdu_t *pdu) {
	size_t n = 0;
	const uint8_t *b = NULL;
	coap_get_data(pdu, &n, &b);
	print_hex(b, n);
	putchar('\n');
	fflush(stdout);
}

static coap_response_t got(coap_session_t *s, const coap_pdu_t *sent, const coap_pdu_t *pdu, const coap_mid_t mid) {
	(void)sent; (void)mid;
	static const char *types[] = {"con", "non", "ack", "rst"};
	coap_bin_const_t token = coap_pdu_get_token(pdu);
	unsigned code = coap_pdu_get_code(pdu);
	int stream = coap_session_get_proto(s) == COAP_PROTO_TLS;
	printf("GOT %s %u.%02u ", stream ? "tls" : types[coap_pdu_get_type(pdu)], code >> 5, code & 31);
	print_hex(token.s, token.length);
	putchar(' ');
	coap_opt_iterator_t it;
	coap_option_iterator_init(pdu, &it, COAP_OPT_ALL);
	int options = 0;
	for (coap_opt_t *o; (o = coap_option_next(&it)); options++) {
		printf("%s%u=", options ? "," : "", it.number);
		for (unsigned i = 0; i < coap_opt_length(o); i++) printf("%02x", coap_opt_value(o)[i]);
	}
	printf(options ? " " : "- ");
	print_body(pdu);
	uint8_t reset[8];
	size_t n = unhex(reset_token, reset, sizeof reset);
	if (n == 0 || n != token.length || memcmp(reset, token.s, n)) return COAP_RESPONSE_OK;
	reset_token[0] = 0;
	return COAP_RESPONSE_FAIL;
}

static void nack(coap_session_t *s, const coap_pdu_t *sent, const coap_nack_reason_t reason, const coap_mid_t mid) {
	(void)s; (void)sent; (void)mid;
	printf("NACK %s\n", reason == COAP_NACK_RST ? "reset" : "other");
	fflush(stdout);
}

static int event(coap_session_t *s, const coap_event_t e) {
	if (e != COAP_EVENT_SERVER_SESSION_NEW && e != COAP_EVENT_DTLS_CONNECTED && e != COAP_EVENT_SESSION_CONNECTED) return 0;
	if (e == COAP_EVENT_SERVER_SESSION_NEW) {
		home = coap_session_reference(s);
		return 0;
	}
	printf("SESSION %s\n", coap_session_get_proto(s) == COAP_PROTO_TLS ? "tls" : "dtls");
	fflush(stdout);
	return 0;
}

static void beat(coap_resource_t *r, coap_session_t *s, const coap_pdu_t *request, const coap_string_t *query, coap_pdu_t *response) {
	(void)r; (void)s; (void)query;
	printf("BEAT ");
	print_body(request);
	coap_pdu_set_code(response, COAP_RESPONSE_CODE_CHANGED);
}

static void add_options(coap_pdu_t *pdu, char *path, char *options) {
	coap_optlist_t *list = NULL;
	uint8_t value[256];
	for (char *save, *s = strtok_r(path, "/", &save); s && strcmp(s, "-"); s = strtok_r(NULL, "/", &save))
		coap_insert_optlist(&list, coap_new_optlist(COAP_OPTION_URI_PATH, strlen(s), (uint8_t *)s));
	for (char *save, *s = strtok_r(options, ",", &save); s && strcmp(s, "-"); s = strtok_r(NULL, ",", &save)) {
		char *hex = strchr(s, '=');
		size_t n = unhex(hex + 1, value, sizeof value);
		coap_insert_optlist(&list, coap_new_optlist((uint16_t)atoi(s), n, value));
	}
	coap_add_optlist_pdu(pdu, &list);
	coap_delete_optlist(list);
}

static void command(char *line) {
	char type[8], token[32], path[512], options[512], body[8192];
	int code;
	uint8_t raw[4096];
	if (sscanf(line, "RST %31s", reset_token) == 1) return;
	if (sscanf(line, "REQ %7s %d %31s %511s %511s %8191s", type, &code, token, path, options, body) != 6 || !home) exit(3);
	coap_pdu_t *pdu = coap_new_pdu(strcmp(type, "con") ? COAP_MESSAGE_NON : COAP_MESSAGE_CON, (coap_pdu_code_t)code, home);
	size_t n = unhex(token, raw, 8);
	coap_add_token(pdu, n, raw);
	add_options(pdu, path, options);
	if (strcmp(body, "-") && (n = unhex(body, raw, sizeof raw))) coap_add_data(pdu, n, raw);
	coap_send(home, pdu);
}

static void commands(void) {
	static char buffer[32768];
	static size_t held;
	ssize_t n = read(0, buffer + held, sizeof buffer - held - 1);
	if (n < 0 && errno == EAGAIN) return;
	if (n <= 0) exit(0);
	held += (size_t)n;
	buffer[held] = 0;
	for (char *end; (end = strchr(buffer, '\n'));) {
		*end = 0;
		command(buffer);
		held -= (size_t)(end + 1 - buffer);
		memmove(buffer, end + 1, held + 1);
	}
}

static const coap_bin_const_t *find_key(coap_bin_const_t *identity, coap_session_t *s, void *arg) {
	(void)s; (void)arg;
	int known = identity->length == strlen(psk_identity) && !memcmp(identity->s, psk_identity, identity->length);
	return known ? &psk_key : NULL;
}

static void use_psk(coap_context_t *c, char **argv) {
	static uint8_t key[64];
	psk_identity = argv[3];
	psk_key.length = unhex(argv[4], key, sizeof key);
	psk_key.s = key;
	coap_dtls_spsk_t p;
	memset(&p, 0, sizeof p);
	p.version = COAP_DTLS_SPSK_SETUP_VERSION;
	p.validate_id_call_back = find_key;
	p.psk_info.key = psk_key;
	if (!coap_context_set_psk2(c, &p)) exit(2);
}

static void use_pki(coap_context_t *c, char **argv) {
	coap_dtls_pki_t p;
	memset(&p, 0, sizeof p);
	p.version = COAP_DTLS_PKI_SETUP_VERSION;
	p.verify_peer_cert = 1;
	p.check_common_ca = 1;
	p.allow_no_crl = 1;
	p.cert_chain_validation = 1;
	p.cert_chain_verify_depth = 3;
	p.pki_key.key_type = COAP_PKI_KEY_PEM;
	p.pki_key.key.pem.ca_file = argv[3];
	p.pki_key.key.pem.public_cert = argv[4];
	p.pki_key.key.pem.private_key = argv[5];
	if (!coap_context_set_pki(c, &p)) exit(2);
}

int main(int argc, char **argv) {
	if (argc < 5) return 2;
	coap_startup();
	coap_context_t *c = coap_new_context(NULL);
	int pki = !strcmp(argv[2], "pki");
	pki ? use_pki(c, argv) : use_psk(c, argv);
	coap_address_t at;
	coap_address_init(&at);
	at.addr.sin.sin_family = AF_INET;
	at.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.addr.sin.sin_port = htons((uint16_t)atoi(argv[1]));
	int only_tls = argc > 6 && !strcmp(argv[6], "tls");
	if (!only_tls && !coap_new_endpoint(c, &at, COAP_PROTO_DTLS)) return 2;
	if (pki && !coap_new_endpoint(c, &at, COAP_PROTO_TLS)) return 2;
	coap_context_set_block_mode(c, 0);
	coap_register_response_handler(c, got);
	coap_register_nack_handler(c, nack);
	coap_register_event_handler(c, event);
	coap_resource_t *hb = coap_resource_init(coap_make_str_const(".well-known/dots/hb"), 0);
	coap_register_handler(hb, COAP_REQUEST_PUT, beat);
	coap_add_resource(c, hb);
	fcntl(0, F_SETFL, O_NONBLOCK);
	printf("LISTENS\n");
	fflush(stdout);
	for (;;) {
		/* A descriptor of ours beside its own does not wake it reliably in 4.3.1. */
		if (coap_io_process(c, 2) < 0) return 1;
		commands();
	}
}
