# To have warnings on a phone: copy this to /etc/hotplug.d/spinneret/50-ntfy and name a topic of your own. It is
# sourced for each event, as the user spinneret, with ID TIME KIND SEVERITY MACADDR CAUSE TEXT. Quote them: devices
# choose their names.
[ "$SEVERITY" = note ] || uclient-fetch -q -O /dev/null --post-data="$TEXT" https://ntfy.example/my-home
