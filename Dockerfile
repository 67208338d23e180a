# The application as one image. Not run in this repository's own tests: see docs/OPERATIONS.md.
#   docker build -t beamline .
#   docker run --rm -e DATABASE_URL=… beamline node --import tsx scripts/db-migrate.ts
#   docker run -p 3000:3000 -e DATABASE_URL=… -e AUTH_SECRET=… -e APP_URL=… beamline
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build --chown=node:node /app ./
# For the embedded database, when there is no DATABASE_URL; mount a volume here to keep it.
RUN mkdir -p .data && chown node:node .data
USER node
EXPOSE 3000
# Not `npm start`: npm does not pass SIGTERM on, and the server would be killed instead of stopped.
CMD ["node", "--import", "tsx", "scripts/start.ts"]
