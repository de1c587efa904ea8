import { Module } from '@nestjs/common';
import { CommandModule } from '#libs/commands';
import { authStores } from './auth.stores.js';
import { ConfigModule } from './config.module.js';
import { DemoModule } from './demo/demo.module.js';
import { RotateSigningKeysCommand } from './signing-keys/rotate-signing-keys.command.js';
import { SigningKeysModule } from './signing-keys/signing-keys.module.js';
import { SuperuserModule } from './superuser/superuser.module.js';

/** The commands: no server, no relay; what they say is published by the running service. */
@Module({
  imports: [CommandModule, ConfigModule, ...authStores(), DemoModule, SigningKeysModule, SuperuserModule],
  providers: [RotateSigningKeysCommand],
})
export class AuthCliModule {}
