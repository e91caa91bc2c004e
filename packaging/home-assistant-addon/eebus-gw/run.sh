#!/usr/bin/with-contenv bashio
# The broker and the options come from Home Assistant, everything else from config.toml in the add-on's folder.
set -e
if bashio::var.true "$(bashio::services mqtt ssl)"; then
    scheme=mqtts
else
    scheme=mqtt
fi
EEBUS_GW_MQTT__URL="${scheme}://$(bashio::services mqtt host):$(bashio::services mqtt port)"
EEBUS_GW_MQTT__USERNAME="$(bashio::services mqtt username)"
EEBUS_GW_MQTT__PASSWORD="$(bashio::services mqtt password)"
EEBUS_GW_LOGGING__LEVEL="$(bashio::config log_level)"
EEBUS_GW_SITE__FEED_IN="$(bashio::config feed_in)"
export EEBUS_GW_MQTT__URL EEBUS_GW_MQTT__USERNAME EEBUS_GW_MQTT__PASSWORD
export EEBUS_GW_LOGGING__LEVEL EEBUS_GW_SITE__FEED_IN
mkdir -p -m 0700 "${EEBUS_GW_HOME}"
folder=/config
if [ ! -e "${folder}/config.toml" ]; then
    eebus-gw init > /dev/null
    mv "${EEBUS_GW_HOME}/config.toml" "${folder}/config.toml"
fi
ln -sf "${folder}/config.toml" "${EEBUS_GW_HOME}/config.toml"

# The end of this script is the end of the add-on; a restart asked for over MQTT (75) is not.
restart_wanted=75
status=${restart_wanted}
trap 'stopped=yes; kill -TERM "${gateway}" || true' TERM INT
while [ "${status}" = "${restart_wanted}" ] && [ -z "${stopped:-}" ]; do
    eebus-gw run &
    gateway=$!
    status=0
    wait "${gateway}" || status=$?
    if [ -n "${stopped:-}" ]; then
        status=0
        wait "${gateway}" || status=$?
    fi
done
exit "${status}"
