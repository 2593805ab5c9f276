# The sample, from the library beside it. compose.yaml runs three of it; docs/deployment.md explains both.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY lib lib
COPY sample sample
RUN npm run build && npm run build:sample
RUN node sample/deployment/runtime-packages.mjs && npm prune --omit=dev

FROM node:24-slim
ENV NODE_ENV=production PORT=3000 SAMPLE_DATA_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/dist-sample dist-sample
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "dist-sample/health-check.js"]
# no shell and no npm in between: SIGTERM has to reach the process that shuts down
CMD ["node", "dist-sample/main.js"]
