#!/usr/bin/env bash
# Installs Apache Kafka into DIR/kafka, unless that very version is there already.
# usage: deploy/services/kafka.sh DIR
set -euo pipefail

version=4.3.0
folder=${1:?usage: kafka.sh DIR}/kafka
jar=kafka_2.13-$version.jar

if [[ -e $folder/libs/$jar ]]; then
  echo "Kafka $version is in $folder"
  exit
fi
for tool in java mvn; do
  command -v "$tool" >/dev/null || {
    echo "Kafka is fetched by Maven and runs on Java 17 or later, and there is no '$tool' here: install it, then run this again" >&2
    exit 1
  }
done
echo "Installing Kafka $version into $folder (a few seconds)"
unfinished=$folder.unfinished
rm -rf "$unfinished" "$folder"
mkdir -p "$unfinished"
cat >"$unfinished/pom.xml" <<POM
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>whale_assets</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
  </dependencies>
</project>
POM
(cd "$unfinished" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=libs)
mv "$unfinished" "$folder"
