# kubectl works with objects that a server of your own keeps. Run it from the checkout's root:
#   node bin/kubedouble.js run -- sh examples/extension-server/run.sh
set -e
folder=$(mktemp -d)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=books -addext subjectAltName=DNS:books.default.svc \
  -keyout "$folder/tls.key" -out "$folder/tls.crt" 2> /dev/null
TLS_KEY="$folder/tls.key" TLS_CERTIFICATE="$folder/tls.crt" node examples/extension-server/server.js &
trap 'kill $!; rm -r "$folder"' EXIT
until kubectl get apiservice v1.books.example.com > /dev/null 2>&1; do sleep 0.1; done
kubectl wait --for=condition=Available apiservice v1.books.example.com
kubectl api-resources --api-group books.example.com
kubectl create --filename - << 'BOOK'
apiVersion: books.example.com/v1
kind: Book
metadata: {name: emma, namespace: default}
title: Emma
BOOK
kubectl get books emma --output 'jsonpath={.title}, lent by {.metadata.annotations.books\.example\.com/lender}{"\n"}'
kubectl explain books.title
kubectl delete book emma
