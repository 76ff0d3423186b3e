# A small image of kubedouble. The README says how to run it and reach it from the host.
FROM node:20-alpine AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund --loglevel=error
COPY . .
RUN npm run build -- --no-types

FROM node:20-alpine
ENV NODE_ENV=production
WORKDIR /opt/kubedouble
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/bin ./bin
COPY --from=build /build/dist ./dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 6443
HEALTHCHECK --interval=5s --timeout=2s --start-period=5s --retries=3 CMD ["node", "bin/kubedouble.js", "health", "--kubeconfig", "/data/kubeconfig"]
ENTRYPOINT ["node", "bin/kubedouble.js"]
CMD ["up", "--bind", "0.0.0.0", "--port", "6443", "--cert-dir", "/data/certs", "--kubeconfig", "/data/kubeconfig"]
