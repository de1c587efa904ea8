# One image for the three services and the migrations: compose picks the command. `--target sandbox` builds the
# provider sandbox for demonstrations.
#
# The base is pinned to an exact version. A digest would pin it further; pin one where images are mirrored and updated
# by a bot, since a digest without a bot only stops security updates.

FROM node:24.21.0-trixie-slim AS base
WORKDIR /app

# No install script runs: the production dependencies bring their binaries prebuilt.
FROM base AS dependencies
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
# What is inside, for scanners.
RUN npm sbom --omit=dev --package-lock-only --sbom-format=cyclonedx > sbom.json

FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY apps apps
COPY libs libs
COPY migrations migrations
RUN npm run build

FROM base AS sandbox
ENV NODE_ENV=development
COPY --from=build /app/node_modules node_modules
COPY package.json ./
COPY tools/sandbox tools/sandbox
RUN mkdir /state && chown node:node /state
USER node
CMD ["node", "tools/sandbox/main.ts"]

# The last stage is what `docker build .` makes.
FROM base AS runtime
ENV NODE_ENV=production
# V8's default young generation grows to 128 MB on a large machine, most of what an idle service would hold.
ENV NODE_OPTIONS=--max-semi-space-size=16
COPY --from=dependencies /app/node_modules node_modules
COPY --from=dependencies /app/sbom.json ./
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY apps/notification/public apps/notification/public
USER node
CMD ["node", "dist/apps/auth/src/main.js"]
